"""What is asked of the metrics in deploy/: the queries of the dashboard and of the alerts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import yaml

DEPLOY = Path(__file__).parents[2] / "deploy"
ALERTS = DEPLOY / "prometheus" / "alerts.yml"
# The least that Grafana puts there: four times the data source's interval of scrapes, 15 seconds unless set.
RATE_INTERVAL = "1m"


@dataclass(frozen=True, slots=True)
class Query:
    """An expression and where it stands; `legend` is how the dashboard names its series."""

    where: str
    text: str
    legend: str = ""


def dashboard() -> Iterator[Query]:
    """Every query of the dashboard, as Grafana would send it."""
    for panel in json.loads((DEPLOY / "grafana" / "dashboard.json").read_text())["panels"]:
        for target in panel.get("targets", ()):
            text = target["expr"].replace("$__rate_interval", RATE_INTERVAL)
            yield Query(f"panel {panel['title']}", text, target["legendFormat"])


def alerts() -> Iterator[Query]:
    """The expression of every alert."""
    for group in yaml.safe_load(ALERTS.read_text())["groups"]:
        for rule in group["rules"]:
            yield Query(f"alert {rule['alert']}", rule["expr"])
