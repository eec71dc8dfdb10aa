"""deploy/ and the Dockerfile: what the linters say, and that every metric which is asked for exists."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from bot.domain.vitals import Vitals
from bot.metrics import Meters
from tests.house.queries import ALERTS, DEPLOY, Query, alerts, dashboard

ROOT = Path(__file__).parents[2]
PROGRAMS = Path(sys.executable).parent
# What Prometheus itself says about what it scrapes.
FROM_PROMETHEUS = {"up": {"job", "instance"}}
ADDED_BY_PROMETHEUS = {"job", "instance", "le"}


def run(*command: str | Path) -> str:
    """Run a linter and return what it says; it must be content."""
    program = shutil.which(str(command[0])) or shutil.which(PROGRAMS / command[0])
    if program is None:
        pytest.skip(f"{command[0]} is not installed")
    done = subprocess.run(
        [program, *map(str, command[1:])], cwd=ROOT, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout + done.stderr


# --- linters ----------------------------------------------------------------------------------------------


def test_the_dockerfile_is_clean() -> None:
    run("hadolint", "Dockerfile")


def test_yaml_is_clean() -> None:
    run("yamllint", "--strict", "deploy", ".yamllint.yaml")


def test_compose_is_what_the_specification_knows() -> None:
    run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", DEPLOY / "compose.yaml")


def test_kubernetes_takes_the_manifest() -> None:
    run("kubernetes-validate", "--strict", DEPLOY / "kubernetes.yaml")


def test_systemd_takes_the_unit(tmp_path: Path) -> None:
    # Only the program's path is another: there is no /opt/plantain here.
    unit = tmp_path / "plantain.service"
    text = (DEPLOY / "plantain.service").read_text()
    unit.write_text(text.replace("/opt/plantain/.venv/bin/python", sys.executable))
    assert run("systemd-analyze", "verify", "--man=no", unit) == ""
    said = run("systemd-analyze", "security", "--offline=true", "--no-pager", unit)
    exposure = re.search(r"exposure level for plantain\.service: ([0-9.]+)", said)
    assert exposure is not None and float(exposure[1]) < 1.5


def test_prometheus_takes_its_settings_and_the_alerts() -> None:
    run("promtool", "check", "config", "--lint-fatal", DEPLOY / "prometheus" / "prometheus.yml")
    run("promtool", "check", "rules", "--lint-fatal", ALERTS)


def test_every_alert_fires_when_it_should() -> None:
    """The scenes are in `alerts_test.yml`; promtool plays them through Prometheus' own engine."""
    scenes = DEPLOY / "prometheus" / "alerts_test.yml"
    run("promtool", "test", "rules", scenes)
    fired = set(re.findall(r'alertname="(\w+)"', scenes.read_text()))
    assert fired == {query.where.removeprefix("alert ") for query in alerts()}


# --- what they agree on -----------------------------------------------------------------------------------


def test_every_way_of_running_waits_longer_than_the_bot_drains() -> None:
    from bot.config import Settings

    drains = Settings().limits.shutdown_seconds
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    assert int(compose["services"]["bot"]["stop_grace_period"].removesuffix("s")) > drains
    pod = next(each for each in manifests() if each["kind"] == "Deployment")["spec"]["template"]["spec"]
    assert pod["terminationGracePeriodSeconds"] > drains
    unit = (DEPLOY / "plantain.service").read_text()
    assert int(re.findall(r"^TimeoutStopSec=(\d+)$", unit, re.MULTILINE)[0]) > drains


def test_nothing_is_writable_and_nobody_is_root() -> None:
    pod = next(each for each in manifests() if each["kind"] == "Deployment")["spec"]["template"]["spec"]
    (container,) = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert pod["securityContext"]["runAsUser"] == 10001
    assert {"startupProbe", "livenessProbe", "readinessProbe", "resources"} <= container.keys()
    bot = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]["bot"]
    assert bot["read_only"] and bot["cap_drop"] == ["ALL"] and "ports" not in bot


def test_settings_of_the_manifests_are_settings() -> None:
    from bot.config import sections

    texts = [
        path.read_text()
        for path in (*DEPLOY.rglob("*.y*ml"), DEPLOY / "plantain.service", ROOT / "Dockerfile")
    ]
    named = {name for text in texts for name in re.findall(r"PLANTAIN_([A-Z]+__[A-Z_]+)", text)}
    assert named
    for name in named:
        section, _, key = name.lower().partition("__")
        assert key in sections()[section].model_fields, name


def manifests() -> list[dict[str, Any]]:
    return list(yaml.safe_load_all((DEPLOY / "kubernetes.yaml").read_text()))


# --- metrics ----------------------------------------------------------------------------------------------


def known() -> dict[str, set[str]]:
    """Every sample that the bot can expose, with its labels."""
    found: dict[str, set[str]] = {}
    meters = Meters(lambda: 0, version="1")
    meters.vitals(Vitals(0, 0, 0, None, 0, 0))
    for collector, names in meters.registry._collector_to_names.items():
        labels = set(getattr(collector, "_labelnames", ()))
        for name in names:
            found[name] = labels
    # The process collector gives its names only when it is asked.
    for family in meters.registry.collect():
        if family.name.startswith("process_"):
            for sample in family.samples:
                found[sample.name] = set(sample.labels)
    return found


def selectors(node: Any) -> Iterator[Any]:
    """Every selection of a metric in a query."""
    match type(node).__name__:
        case "VectorSelector":
            yield node
        case "MatrixSelector":
            yield node.vector_selector
        case "Call":
            for argument in node.args:
                yield from selectors(argument)
        case "BinaryExpr":
            yield from selectors(node.lhs)
            yield from selectors(node.rhs)
        case "NumberLiteral" | "StringLiteral":
            pass
        case _:
            yield from selectors(node.expr)


@pytest.mark.parametrize("query", [*dashboard(), *alerts()], ids=lambda query: query.where)
def test_every_metric_that_is_asked_for_exists(query: Query) -> None:
    exposed = {**known(), **FROM_PROMETHEUS}
    found = list(selectors(promql_parser.parse(query.text)))
    assert found
    for selector in found:
        assert selector.name in exposed
        asked = {matcher.name for matcher in selector.matchers.matchers}
        asked |= {
            label.strip()
            for labels in re.findall(r"by \(([^)]*)\)", query.text)
            for label in labels.split(",")
        }
        assert asked <= exposed[selector.name] | ADDED_BY_PROMETHEUS


def test_every_metric_is_on_the_dashboard() -> None:
    asked = {
        selector.name
        for query in (*dashboard(), *alerts())
        for selector in selectors(promql_parser.parse(query.text))
    }
    families = {re.sub(r"_(total|bucket|count|sum|created)$", "", name) for name in known()}
    shown = {re.sub(r"_(total|bucket|count|sum|created)$", "", name) for name in asked}
    ours = {name for name in families if name.startswith("plantain_")}
    assert ours - shown == {"plantain_build_info"}


def test_alerts_say_what_to_do() -> None:
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            assert rule["labels"]["severity"] in {"critical", "warning"}
            assert {"summary", "description"} <= rule["annotations"].keys(), rule["alert"]


def test_a_query_for_what_is_not_there_is_found() -> None:
    (selector,) = selectors(promql_parser.parse('sum by (model) (rate(plantain_pictures_total{a="b"}[5m]))'))
    assert selector.name not in known()
    with pytest.raises(ValueError):
        promql_parser.parse("sum by (model) (rate(plantain_images_total[5m])")
