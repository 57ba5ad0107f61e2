"""The files that a server is run by: sound by their own schemas, and about options, metrics and pages that there are."""

from __future__ import annotations

import importlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
import yaml
from assay_contracts import load_contract
from assay_server.commands import serve
from assay_server.metrics import ServerMetrics
from assay_server.rooms import every_contract

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "reference_server/deploy"
MANIFESTS = [
    (f"{path.name} {document['kind']} {document['metadata']['name']}", document)
    for path in sorted((DEPLOY / "kubernetes").glob("*.yaml"))
    for document in yaml.safe_load_all(path.read_text("utf-8"))
]
ALERTS: dict[str, Any] = yaml.safe_load((DEPLOY / "prometheus/alerts.yaml").read_text("utf-8"))
RULES: list[dict[str, Any]] = [rule for group in ALERTS["groups"] for rule in group["rules"]]
DASHBOARD: dict[str, Any] = json.loads((DEPLOY / "grafana/assay-server.json").read_text("utf-8"))
COMPOSE: dict[str, Any] = yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8"))
DOCKERFILE = (DEPLOY / "Dockerfile").read_text("utf-8")
VARIABLES = {f"ASSAY_{str(option.name).upper()}" for option in serve.params}


def emitted() -> dict[str, tuple[str, tuple[str, ...]]]:
    """The kind and the labels of every metric by its name."""
    metrics = ServerMetrics()
    kinds = {family.name: family.type for family in metrics.registry.collect()}
    parts: list[dict[str, Any]] = [vars(item) for item in vars(metrics).values()]
    # A metric keeps its labels to itself until one of them has a value.
    return {str(part["_name"]): (kinds[part["_name"]], tuple(part["_labelnames"])) for part in parts if "_labelnames" in part}


def queried(expression: str) -> Iterator[tuple[str, set[str]]]:
    """The metrics of an expression without their endings, each with the labels that it is selected by."""
    for name, selector in re.findall(r"(assay_[a-z_]+)(\{[^}]*\})?", expression):
        yield re.sub(r"_(total|bucket|sum|count)$", "", name), set(re.findall(r"([a-z_]+)=~?", selector))


@pytest.mark.parametrize(("name", "manifest"), MANIFESTS, ids=[name for name, _ in MANIFESTS])
def test_a_manifest_is_what_kubernetes_takes(name: str, manifest: dict[str, Any]) -> None:
    """Strictly, without a property that its schema lacks."""
    validator: Any = importlib.import_module("kubernetes_validate")

    validator.validate(manifest, validator.latest_version(), strict=True)


@pytest.mark.parametrize(("name", "manifest"), MANIFESTS, ids=[name for name, _ in MANIFESTS])
def test_no_container_runs_as_root(name: str, manifest: dict[str, Any]) -> None:
    """Nor may it become root, or write to its image."""
    spec = manifest["spec"]
    pod = spec.get("jobTemplate", {}).get("spec", spec).get("template", {}).get("spec")
    for container in pod["containers"] if pod else ():
        assert pod["securityContext"]["runAsNonRoot"]
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }


def test_variables_are_those_that_the_server_reads() -> None:
    """In every file; nothing that holds a secret has its value in one."""
    named = set(re.findall(r"\bASSAY_[A-Z_]+", DOCKERFILE + (DEPLOY / "compose.yaml").read_text("utf-8") + json.dumps(MANIFESTS)))

    assert {"ASSAY_DSN", "ASSAY_TOKEN_KEY", "ASSAY_HOST"} <= named
    assert named <= VARIABLES
    assert "postgresql://" not in "".join(path.read_text("utf-8") for path in DEPLOY.rglob("*") if path.is_file())


def test_the_image_does_not_run_as_root_and_is_checked() -> None:
    """The last user is a number, as Kubernetes needs it, and health is that of the server."""
    users = re.findall(r"^USER (.+)$", DOCKERFILE, re.MULTILINE)

    assert users[-1] == "10001"
    assert "HEALTHCHECK" in DOCKERFILE
    assert "/health" in DOCKERFILE


def test_the_services_have_the_files_that_they_mount() -> None:
    """Folders beside the compose file, and declared secrets and volumes."""
    for service in COMPOSE["services"].values():
        for mount in service.get("volumes", ()):
            source = mount.partition(":")[0]
            assert source in COMPOSE["volumes"] or (DEPLOY / source).is_dir()
        assert set(service.get("secrets", ())) <= COMPOSE["secrets"].keys()


def test_the_declared_telemetry_is_what_is_emitted() -> None:
    """Name, kind and labels of each metric."""
    page = (ROOT / "docs/reference/telemetry.md").read_text("utf-8")
    rows = re.findall(r"^\| `(assay_\w+)` \| (\w+) \| (.*?) ?\| .+ \|$", page, re.MULTILINE)
    declared = {name: (kind, tuple(re.findall(r"`(\w+)`", labels))) for name, kind, labels in rows}

    assert declared == emitted()


@pytest.mark.parametrize(
    "expression",
    [*(rule["expr"] for rule in RULES), *(target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"])],
)
def test_every_query_is_about_metrics_that_there_are(expression: str) -> None:
    """With labels that they have; only `up` is Prometheus' own."""
    metrics = emitted()
    found = list(queried(expression))

    assert found or expression.startswith("up{")
    for name, selected in found:
        assert selected <= set(metrics[name][1])
    for grouped in re.findall(r"by \(([^)]*)\)", expression):
        labels = {label.strip() for label in grouped.split(",")} - {"le"}
        assert labels <= {label for name, _ in found for label in metrics[name][1]}


def test_every_metric_has_a_panel() -> None:
    """Panels have ids of their own and do not lie on each other."""
    queried_names = {name for panel in DASHBOARD["panels"] for target in panel["targets"] for name, _ in queried(target["expr"])}
    places = [(panel["gridPos"]["x"], panel["gridPos"]["y"]) for panel in DASHBOARD["panels"]]

    assert queried_names == emitted().keys()
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(set(places)) == len(DASHBOARD["panels"])


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: str(rule["alert"]))
def test_an_alert_says_what_to_do(rule: dict[str, Any]) -> None:
    """Its runbook is a heading of the page, and its severity one of three."""
    page, _, anchor = rule["annotations"]["runbook"].partition("#")
    headings = re.findall(r"^## (.+)$", (ROOT / page).read_text("utf-8"), re.MULTILINE)

    assert anchor in {heading.lower().replace(" ", "-") for heading in headings}
    assert rule["labels"]["severity"] in ("critical", "warning", "info")


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_promtool_takes_the_rules() -> None:
    """Where it is there."""
    checked = subprocess.run(
        ["promtool", "check", "rules", str(DEPLOY / "prometheus/alerts.yaml")], capture_output=True, text=True, check=False
    )

    assert checked.returncode == 0, checked.stderr


GATEWAY = DEPLOY / "nginx/nginx.conf"
MAPPED = {"", "default"}
"""The lines of a `map`, which the parser takes for directives."""


def directives(block: list[dict[str, Any]], name: str) -> Iterator[dict[str, Any]]:
    """Every directive of a name, in whatever block."""
    for directive in block:
        if directive["directive"] == name:
            yield directive
        yield from directives(directive.get("block", []), name)


@pytest.fixture(scope="module")
def gateway() -> list[dict[str, Any]]:
    """The gateway's configuration, parsed as nginx does."""
    crossplane: Any = pytest.importorskip("crossplane")
    parsed = crossplane.parse(str(GATEWAY), strict=True, catch_errors=True, check_ctx=True, check_args=True)
    wrong = [item["error"] for item in parsed["errors"] if re.match(r'unknown directive "(.*?)"', item["error"]) is None]
    unknown = {match[1] for item in parsed["errors"] if (match := re.match(r'unknown directive "(.*?)"', item["error"]))}
    assert (wrong, unknown - MAPPED) == ([], set())
    lenient: list[dict[str, Any]] = crossplane.parse(str(GATEWAY))["config"][0]["parsed"]
    return lenient


def test_the_gateway_limits_by_zones_that_there_are(gateway: list[dict[str, Any]]) -> None:
    """Each caller, and each caller on each path; a cache as well."""
    limits = {
        argument.removeprefix("zone=") for item in directives(gateway, "limit_req") for argument in item["args"] if "zone=" in argument
    }
    zones = {argument.split("=")[1].split(":")[0] for item in directives(gateway, "limit_req_zone") for argument in item["args"][1:2]}
    caches = {item["args"][0] for item in directives(gateway, "proxy_cache")}
    kept = {
        argument.split("=")[1].split(":")[0]
        for item in directives(gateway, "proxy_cache_path")
        for argument in item["args"]
        if "keys_zone" in argument
    }

    assert limits == zones == {"caller", "caller_on_path"}
    assert caches == kept
    assert "ssl_certificate" in {item["directive"] for server in directives(gateway, "server") for item in server.get("block", [])}


def test_the_gateway_keeps_what_the_contracts_let_clients_keep(gateway: list[dict[str, Any]]) -> None:
    """Nothing else, and sessions are told from requests."""
    contracts = [load_contract(name) for name in every_contract()]
    places = {item["args"][-1]: {part["directive"] for part in item["block"]} for item in directives(gateway, "location")}
    cached = [re.compile(pattern) for pattern, parts in places.items() if "proxy_cache" in parts]
    sessions = [re.compile(pattern) for pattern, parts in places.items() if "limit_conn" in parts]
    for operation in (operation for contract in contracts for operation in contract.operations):
        path = re.sub(r"\{[^}]+\}", "x", operation.path)
        if any(pattern.search(path) for pattern in cached):
            assert operation.method == "GET", operation.id
            assert operation.annotations["x-cache"]["store"] == "private", operation.id
    for channel in (channel for contract in contracts for channel in contract.channels):
        assert any(pattern.search(re.sub(r"\{[^}]+\}", "x", channel.address)) for pattern in sessions), channel.id


def test_the_gateway_keeps_a_response_for_requests_that_have_the_same(gateway: list[dict[str, Any]]) -> None:
    """What varies by a header is kept by it, and a correlation id is repeated to nobody else."""
    (key,) = (set(item["args"][0].split()) for item in directives(gateway, "proxy_cache_key"))
    headers = {
        name.lower()
        for operation in load_contract("windowing@2.1.0").operations
        for name in operation.annotations.get("x-cache", {}).get("varies", ())
    } | {"x-correlation-id", "traceparent"}
    # The caller is known by both kinds of credential.
    caller = {"authorization", "x-api-key"}

    assert {f"$http_{name.replace('-', '_')}" for name in headers - caller - {"prefer"}} <= key
    assert {"$caller", "$request_uri", "$request_method"} <= key


@pytest.mark.parametrize("status", ["429", "503"])
def test_the_gateway_rejects_in_the_words_of_a_contract(gateway: list[dict[str, Any]], status: str) -> None:
    """Its own error bodies fit the schema of the contract's."""
    operation = next(item for item in load_contract("reliability@1.1.0").operations if item.id == "listFailures")
    schema = next(iter(operation.responses[status].content.values()))
    (body,) = [item["args"][1] for item in directives(gateway, "return") if item["args"][0] == status]

    assert jsonschema_rs.is_valid(dict(schema), json.loads(body.replace("$request_id", "0123456789abcdef")))


@pytest.mark.skipif(shutil.which("nginx") is None, reason="nginx is not installed")
def test_nginx_takes_the_gateway(tmp_path: Path) -> None:
    """Where it is there, with a certificate and names of this machine."""
    key = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=a", "-keyout", "tls.key", "-out", "tls.crt"]
    subprocess.run(key, cwd=tmp_path, capture_output=True, check=True)
    text = GATEWAY.read_text("utf-8").replace("/etc/nginx/tls", str(tmp_path)).replace("/var/cache/nginx", str(tmp_path))
    (tmp_path / "nginx.conf").write_text(re.sub(r"server server-\d", "server 127.0.0.1", text), "utf-8")
    checked = subprocess.run(
        ["nginx", "-t", "-p", str(tmp_path), "-c", "nginx.conf", "-e", "stderr", "-g", f"pid {tmp_path}/pid;"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip

    # Folders of the package that it also looks for may be missing.
    assert "syntax is ok" in checked.stderr
