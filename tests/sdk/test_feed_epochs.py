"""A feed of a server whose numbering begins anew, and says so: the changes in between are named as lost, and no state is mixed up."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from assay_codegen import generate_python
from assay_sdk import FeedRefusedError

from tests.sdk.feed_reader import NOTHING, QUICK, answering, saying
from tests.sdk.pond_feed import beat, change, frogs, over_http, pond
from tests.sdk.scripted import Reply, feed_server, http_server

TEXT: dict[str, Any] = {"type": "string"}
BROKEN = saying(frogs(3, "x"), change(4, "x"), close=1012)
START = ["live", "all 3", "change 4", "reconnecting", "live"]
Session = Callable[..., None]


@pytest.fixture(scope="module", params=["with", "without"])
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """The generated client of a contract whose state over HTTP names its epoch, and of one where it does not."""
    return generated(tmp_path_factory.mktemp("pond"), f"pond_{request.param}_epochs", TEXT, over_http=request.param == "with")


def generated(folder: Path, name: str, epoch: dict[str, Any], *, over_http: bool = True) -> Any:
    """A client of the pond, as a class."""
    code = generate_python(pond(epoch, over_http=over_http))
    (folder / name).mkdir()
    for file, text in code.files.items():
        (folder / name / file).write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "path", [str(folder), *sys.path])
        return importlib.import_module(name).PondClient


def word(event: Any) -> str:
    """An event in one word, with its number."""
    match type(event).__name__:
        case "ConnectionChanged":
            return str(event.state)
        case "NothingMissed":
            return "nothing missed"
        case "Replayed":
            return f"replayed {' '.join(str(change.seq) for change in event.changes)}"
        case "CannotReplay":
            return f"{event.cause} {event.after}-{event.until}"
        case "Beat":
            return "beat"
        case _:
            return f"{getattr(event, 'kind', 'resync')} {event.seq}"


def heard(client: Any, *sessions: Session, answers: tuple[Any, ...] = (), after: tuple[int, str] | None = None) -> tuple[list[str], Any]:
    """What a feed gave until it was refused, and the feed."""
    script = answering(*(Reply(200, answer) for answer in answers)) if answers else NOTHING
    words: list[str] = []
    with http_server(script) as server, feed_server(*sessions) as feeds, client(server.url, feed_url=feeds.url, feed=QUICK) as opened:
        feed = opened.frogs()
        if after is not None:
            feed.start_after(*after)
        with pytest.raises(FeedRefusedError):
            words.extend(word(event) for event in feed)
    return words, feed


@pytest.mark.parametrize("seq", [1, 4, 5, 9])
def test_another_epoch_is_taken_up_at_once(client: Any, seq: int) -> None:
    """Whatever its number is: the same, the next, a lower or a higher one."""
    words, feed = heard(client, BROKEN, saying(frogs(seq, "y"), change(seq + 1, "y")))

    assert words == [*START, f"epoch-changed 4-{seq}", f"all {seq}", f"change {seq + 1}"]
    assert (feed.sequence, feed.epoch) == (seq + 1, "y")
    assert sorted(feed.state) == sorted([f"y{seq}", f"y{seq + 1}"])


def test_the_same_epoch_goes_on(client: Any) -> None:
    """Nothing was missed where the number is the same."""
    words, feed = heard(client, BROKEN, saying(frogs(4, "x"), change(5), beat("x"), beat()))

    assert words == [*START, "nothing missed", "all 4", "change 5", "beat", "beat"]
    assert feed.epoch == "x"


def test_a_step_back_within_an_epoch_is_none(client: Any) -> None:
    """The session lags behind what is known."""
    answer = over_http(4, "x", range(0)) if "without" not in client.__module__ else over_http(4, None, range(0))
    words, feed = heard(client, BROKEN, saying(frogs(2, "x"), change(3, "x"), change(4, "x"), change(5, "x")), answers=(answer,))

    assert words == [*START, "nothing missed", "change 5"]
    assert feed.dropped == {"stale": 1, "repeated": 2}


def test_a_message_of_another_epoch_in_a_session(client: Any) -> None:
    """The state is asked for; where the response states no epoch, the next session tells."""
    first, then = saying(frogs(3, "x"), change(4, "y"), change(5, "y"), close=1012), saying(frogs(5, "y"))
    if "without" in client.__module__:
        words, _ = heard(client, first, then, answers=(over_http(4, None, range(4, 5)),))
        assert words == ["live", "all 3", "reconnecting", "live", "epoch-changed 3-5", "all 5"]
    else:
        words, _ = heard(client, first, then, answers=(over_http(4, "y", range(4, 5)),))
        expected = ["live", "all 3", "epoch-changed 3-4", "resync 4", "change 5", "reconnecting", "live", "nothing missed", "all 5"]
        assert words == expected


def test_a_heartbeat_of_another_epoch(client: Any) -> None:
    """It is seen without any change."""
    first, then = saying(frogs(3, "x"), beat("y"), close=1012), saying(frogs(0, "y"))
    if "without" in client.__module__:
        words, _ = heard(client, first, then, answers=(over_http(0),))
        assert words == ["live", "all 3", "reconnecting", "live", "epoch-changed 3-0", "all 0"]
    else:
        words, _ = heard(client, first, then, answers=(over_http(0, "y"),))
        assert words == ["live", "all 3", "epoch-changed 3-0", "resync 0", "beat", "reconnecting", "live", "nothing missed", "all 0"]


@pytest.mark.parametrize("client", ["with"], indirect=True)
def test_an_epoch_that_was_left_is_old(client: Any) -> None:
    """A copy that has not heard of the new one yet takes nothing back."""
    gap = saying(frogs(1, "y"), change(3, "y"), close=1012)
    words, feed = heard(client, BROKEN, gap, saying(frogs(3, "y")), answers=(over_http(9, "x"), over_http(3, "y", range(2, 4))))

    assert words == [*START, "epoch-changed 4-1", "all 1", "reconnecting", "live", "replayed 2 3", "resync 3"]
    assert (feed.epoch, feed.dropped) == ("y", {"stale": 1})


@pytest.mark.parametrize("client", ["with"], indirect=True)
@pytest.mark.parametrize(("epoch", "start"), [("x", ["replayed 5 6", "resync 6"]), ("w", ["epoch-changed 4-6", "all 6"])])
def test_a_feed_goes_on_in_the_epoch_that_another_process_left(client: Any, epoch: str, start: list[str]) -> None:
    """Without it a lower number would mean the same."""
    words, _ = heard(client, saying(frogs(6, "x")), answers=(over_http(6, "x", range(5, 7)),), after=(4, epoch))

    assert words == ["live", *start]


@pytest.mark.parametrize(
    ("name", "schema", "old", "new"),
    [
        ("numbered", {"type": "integer"}, 7, 8),
        (
            "identified",
            {"type": "string", "format": "uuid"},
            "7d4f8f6e-0000-4000-8000-000000000001",
            "7d4f8f6e-0000-4000-8000-000000000002",
        ),
        ("optional", {"type": ["string", "null"]}, "x", "y"),
    ],
)
def test_an_epoch_is_any_value(name: str, schema: dict[str, Any], old: Any, new: Any, tmp_path: Path) -> None:
    """A number or an identifier; kept as text, so that another process can go on from it."""
    client = generated(tmp_path, f"pond_{name}_epochs", schema)
    words, feed = heard(client, saying(frogs(3, old), close=1012), saying(frogs(3, old), close=1012), saying(frogs(3, new)))

    assert words == [
        "live",
        "all 3",
        "reconnecting",
        "live",
        "nothing missed",
        "all 3",
        "reconnecting",
        "live",
        "epoch-changed 3-3",
        "all 3",
    ]
    assert feed.epoch == str(new)
