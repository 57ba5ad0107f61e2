"""Two servers that are asked the same: what is beyond its threshold, what moves, what is missing."""

from __future__ import annotations

import itertools
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from .conftest import Said
from .scripted import SECRET_VALUE, SHOP, TOKEN, Answer, Edit, Shop, products, running

Drift = Callable[..., Said]


def compare(drift: Drift, first: Shop, second: Shop, *more: object, form: str = "json") -> Said:
    """Compare two shops."""
    with ExitStack() as stack:
        addresses = [stack.enter_context(running(shop)) for shop in (first, second)]
        return drift(
            "compare", *addresses, "--contract", SHOP, "--token", "env:SHOP_TOKEN", "--sample", 12, "--quiet", "--format", form, *more
        )  # fmt: skip


def beyond(outcome: Said) -> dict[tuple[str, str], dict[str, Any]]:
    """The metrics beyond their threshold, by pointer and class."""
    return {(metric["metric"], metric["class"]): metric for metric in outcome.json["metrics"] if metric["beyond"]}


def editing(change: Callable[[Any], Any]) -> Edit:
    """An edit of the body of every page."""
    return lambda method, path, answer: (answer[0], answer[1], change(answer[2])) if answer[0] == 200 else answer


def test_the_same_server_twice_agrees(drift: Drift) -> None:
    """Everything is compared, nothing is beyond."""
    outcome = compare(drift, Shop(), Shop())

    assert (outcome.code, beyond(outcome), outcome.json["matched"]) == (0, {}, outcome.json["questions"])
    assert outcome.json["compared"] > 500


def test_the_same_seed_asks_the_same(drift: Drift) -> None:
    """A comparison can be repeated; another seed asks other things."""
    shops = [Shop() for _ in range(4)]
    compare(drift, shops[0], Shop(), "--seed", 7)
    compare(drift, shops[1], Shop(), "--seed", 7)
    compare(drift, shops[2], Shop(), "--seed", 8)

    requests = [sorted(shop.requests) for shop in shops]
    assert requests[0] == requests[1]
    assert requests[0] != requests[2]


@pytest.mark.parametrize(
    ("edit", "metric", "kind"),
    [
        (editing(lambda body: {**body, "total": body["total"] + 1}), "/total", "count"),
        (
            editing(lambda body: {**body, "products": [{**product, "price": product["price"] * 1.01} for product in body["products"]]}),
            "/products/*/price",
            "amount",
        ),
        (
            editing(lambda body: {**body, "products": [{**product, "name": product["name"].lower()} for product in body["products"]]}),
            "/products/*/name",
            "text",
        ),
        (editing(lambda body: {**body, "debug": 1}), "/debug", "member"),
        (
            editing(
                lambda body: {**body, "products": [{k: v for k, v in product.items() if k != "colour"} for product in body["products"]]}
            ),
            "/products/*/colour",
            "member",
        ),
        (
            editing(lambda body: {**body, "products": [product for product in body["products"] if product["sku"] != "AB-0003"]}),
            "/products/*",
            "item",
        ),
        (editing(lambda body: {**body, "total": str(body["total"])}), "/total", "text"),
        (lambda method, path, answer: (503, {}, {"code": "CLOSED"}), "status", "status"),
    ],
)
def test_each_difference_is_one_metric(drift: Drift, edit: Edit, metric: str, kind: str) -> None:
    """Numbers by pointer, members, items and statuses, each with how often; values of texts are not shown."""
    first, second = Shop(), Shop(edit)
    if metric == "status":
        # One question must be answered by both, or there is nothing to compare.
        count = itertools.count()
        second = Shop(lambda method, path, answer: answer if next(count) < 12 else edit(method, path, answer))
    outcome = compare(drift, first, second)

    assert (outcome.code, list(beyond(outcome))) == (1, [(metric, kind)])
    assert "Mug" not in outcome.out


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ([], 1),
        (["--threshold", "amount=2%"], 0),
        (["--threshold", "amount=0.5%"], 1),
        (["--threshold", "/products/*/price=2%"], 0),
        (["--threshold", "listProducts:/products/*/price=2%"], 0),
        (["--threshold", "placeOrder:/products/*/price=2%"], 1),
        (["--threshold", "/products=ignore"], 0),
        (["--ignore", "/products/*/price"], 0),
    ],
)
def test_thresholds_are_given_by_class_or_by_metric(drift: Drift, more: list[str], code: int) -> None:
    """A price that is one percent higher is beyond, unless two are allowed."""
    dear = Shop(editing(lambda body: {**body, "products": [{**product, "price": product["price"] * 1.01} for product in body["products"]]}))

    assert compare(drift, Shop(), dear, *more).code == code


def test_thresholds_may_stand_in_a_file(drift: Drift, tmp_path: Path) -> None:
    """Classes, metrics, and the class of a metric."""
    file = tmp_path / "thresholds.toml"
    file.write_text('[classes]\nrate = 1000\n[metrics]\n"/total" = "ignore"\n[class-of]\n"/products/*/price" = "rate"\n')
    dear = editing(
        lambda body: {"total": body["total"] + 1, "products": [{**product, "price": product["price"] + 7} for product in body["products"]]}
    )

    assert compare(drift, Shop(), Shop(dear), "--thresholds", file).code == 0


def test_what_moves_is_compared_with_its_range(drift: Drift) -> None:
    """A total that grows all the time is no drift while the second server's lies between the first's two answers."""
    clock = itertools.count()

    def ticking(method: str, path: str, answer: Answer) -> Answer:
        return (answer[0], answer[1], {**answer[2], "total": 100_000 + next(clock)}) if answer[0] == 200 else answer

    def lagging(method: str, path: str, answer: Answer) -> Answer:
        return (answer[0], answer[1], {**answer[2], "total": 50_000 + next(clock)}) if answer[0] == 200 else answer

    agreed = compare(drift, Shop(ticking), Shop(ticking))
    behind = compare(drift, Shop(ticking), Shop(lagging))

    moving = next(metric for metric in agreed.json["metrics"] if metric["metric"] == "/total")
    assert (agreed.code, moving["moving"], moving["beyond"]) == (0, moving["compared"], 0)
    assert (behind.code, list(beyond(behind))) == (1, [("/total", "count")])


def test_items_that_come_and_go_meanwhile_are_no_drift(drift: Drift) -> None:
    """What the first server has only once is not missing from the second."""
    goods = products(10)
    count = itertools.count()

    def growing(method: str, path: str, answer: Answer) -> Answer:
        if next(count) % 3 == 2:
            goods.append({"sku": f"ZZ-{next(count):04d}", "name": "Zebra", "colour": "red", "price": 1})
        return answer

    outcome = compare(drift, Shop(growing, goods), Shop(growing, goods), "--threshold", "count=1000")

    assert [name for name in beyond(outcome) if name[1] == "item"] == []


def test_items_may_be_told_apart_by_other_members(drift: Drift) -> None:
    """Two implementations that number their items anew still have the same ones."""
    renamed = [{**product, "sku": f"XY-{number:04d}"} for number, product in enumerate(products())]
    plain = compare(drift, Shop(), Shop(goods=renamed))
    agreed_by_name = compare(drift, Shop(), Shop(goods=renamed), "--identity", "/products=name,colour", "--ignore", "/products/*/sku")

    assert (plain.code, list(beyond(plain))) == (1, [("/products/*", "item")])
    assert agreed_by_name.code == 0


def test_rounds_are_told_one_by_one(drift: Drift) -> None:
    """A migration is watched: each round asks other questions, and the report says in how many there was drift."""
    numbers = itertools.count()

    def late(method: str, path: str, answer: Answer) -> Answer:
        wrong = answer[0] == 200 and next(numbers) >= 40
        return (answer[0], answer[1], {**answer[2], "total": 1}) if wrong else answer

    outcome = compare(drift, Shop(), Shop(late), "--rounds", 3, "--interval", 0.01)

    rounds = outcome.json["rounds"]
    assert (outcome.code, [finished["round"] for finished in rounds]) == (1, [1, 2, 3])
    assert rounds[0]["beyond"] == 0
    assert rounds[-1]["beyond"] > 0


def test_how_long_the_servers_take_is_judged_when_asked_for(drift: Drift) -> None:
    """Slower is no drift by itself; with a threshold it is."""

    def slow(method: str, path: str, answer: Answer) -> Answer:
        time.sleep(0.3)
        return answer

    free = compare(drift, Shop(), Shop(slow), "--sample", 3, "--pages", 1)
    outcome = compare(drift, Shop(), Shop(slow), "--sample", 3, "--pages", 1, "--threshold", "response-time=50%")

    assert free.code == 0
    assert free.json["responseTimes"]["b"]["p50Ms"] > 300
    assert ("p50", "response-time") in beyond(outcome)


@pytest.mark.parametrize("form", ["text", "markdown", "json"])
def test_no_token_and_no_text_is_shown(drift: Drift, form: str) -> None:
    """Numbers of the worst difference are shown, texts and credentials never."""
    wrong = editing(lambda body: {**body, "total": 7777, "products": [{**product, "name": SECRET_VALUE} for product in body["products"]]})
    outcome = compare(drift, Shop(), Shop(wrong), form=form)

    assert outcome.code == 1
    assert "7777" in outcome.out
    assert "listProducts" in outcome.out
    assert SECRET_VALUE not in outcome.out + outcome.err
    assert TOKEN not in outcome.out + outcome.err


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["--threshold", "latency"], 2, "latency=10%"),
        (["--threshold", "latency=fast"], 2, "5%"),
        (["--threshold", "lateness=5%"], 2, "a class"),
        (["--thresholds", "no-such.toml"], 2, "no-such.toml"),
        (["--identity", "products"], 2, "LIST=MEMBER"),
        (["--sample", "0"], 2, "--sample"),
        (["--target", "no-such.toml"], 2, "no-such.toml"),
        ([], 3, "http://127.0.0.1:9"),
        ([], 3, "aborted in round 1: http://127.0.0.1:9: "),
    ],
)
def test_bad_input_is_one_line(drift: Drift, arguments: list[str], code: int, message: str) -> None:
    """No traceback, one line, and the exit code that says whose fault it is."""
    outcome = drift("compare", "http://127.0.0.1:9", "http://127.0.0.1:9", "--contract", SHOP, "--quiet", *arguments)

    assert (outcome.code, message in outcome.err, outcome.err.count("\n"), "Traceback" in outcome.err) == (code, True, 1, False)


def test_the_file_of_thresholds_is_checked(drift: Drift, tmp_path: Path) -> None:
    """The entry that is wrong is named."""
    for number, (content, message) in enumerate(
        {
            "[classes": "TOML",
            "[other]\na = 1": "other",
            '[classes]\nlatency = "soon"': "classes.latency",
            '[class-of]\n"/total" = "colour"': "count",
        }.items()
    ):
        file = tmp_path / f"{number}.toml"
        file.write_text(content)
        outcome = drift("compare", "http://127.0.0.1:9", "http://127.0.0.1:9", "--contract", SHOP, "--thresholds", file)
        assert (outcome.code, message in outcome.err) == (2, True)


def test_a_server_that_falls_silent_is_drift_not_a_crash(drift: Drift) -> None:
    """What was compared until then is told."""
    count = itertools.count()

    class Dying(Shop):
        def answer(self, method: str, target: str, token: str | None) -> Answer:
            if next(count) > 5:
                raise ConnectionAbortedError
            return super().answer(method, target, token)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("socketserver.BaseServer.handle_error", lambda *_: None)
        outcome = compare(drift, Shop(), Dying(), "--sample", 60)

    assert (outcome.code, json.loads(outcome.out)["drift"]) == (1, True)
    assert beyond(outcome)["status", "status"]["worst"]["b"] == "no response"


def test_a_comparison_that_is_stopped_tells_what_it_saw() -> None:
    """Whoever watches a migration for days and interrupts it gets the report."""
    shop = Shop()
    with running(shop) as address:
        command = [sys.executable, "-m", "assay_contracts", "drift", "compare", address, address, "--contract", str(SHOP)]
        command += ["--token", "env:SHOP_TOKEN", "--rounds", "5", "--interval", "600", "--sample", "3", "--format", "json"]
        environment = {**os.environ, "SHOP_TOKEN": TOKEN}
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
            assert process.stderr is not None
            assert process.stderr.readline().startswith("round 1 of 5")
            before = -1
            while not shop.requests or len(shop.requests) > before:
                before = len(shop.requests)
                time.sleep(1.5)
            process.send_signal(signal.SIGINT)
            out, _ = process.communicate(timeout=60)

    answer = json.loads(out)
    assert (process.returncode, len(answer["rounds"]), answer["drift"]) == (0, 1, False)
    assert any("it was stopped" in note for note in answer["notes"])
