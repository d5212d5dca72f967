"""docs/grafana.json asks for metrics that there are, and for all of them."""

from __future__ import annotations

import json
import re
from pathlib import Path

from sigroute.pid1.control.metrics import METRICS

BOARD = json.loads((Path(__file__).parents[2] / "docs" / "grafana.json").read_text())

#: What follows the name of a metric in its samples.
SUFFIXES = {"counter": ("_total",), "summary": ("_sum", "_count"), "gauge": ("",), "stateset": ("",)}


def test_every_metric_that_it_asks_for_exists_and_has_these_labels() -> None:
    known = {metric.name + suffix: metric for metric in METRICS for suffix in SUFFIXES[metric.kind]}
    asked = set()
    for panel in BOARD["panels"]:
        for target in panel["targets"]:
            found = re.findall(r"sigroute_\w+(?=\{)", target["expr"])
            assert found, target
            labels = {label for name in found for label in known[name].labels} | {"instance"}
            asked |= {known[name].name for name in found}
            grouped = re.findall(r"by \((.*?)\)", target["expr"])
            used = {label.strip() for group in grouped for label in group.split(",")}
            assert used | set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= labels, target
            if grouped:
                assert set(re.findall(r"\{\{(\w+)\}\}", target["legendFormat"])) <= used
    assert asked == {metric.name for metric in METRICS}


def test_it_can_be_imported_anywhere() -> None:
    """It names no Prometheus of its own; each panel has its place."""
    source = {"type": "prometheus", "uid": "${datasource}"}
    assert [each["name"] for each in BOARD["templating"]["list"]] == ["datasource", "instance"]
    places = [tuple(panel["gridPos"][each] for each in "xy") for panel in BOARD["panels"]]
    assert len(set(places)) == len(places) == len({panel["id"] for panel in BOARD["panels"]})
    for panel in BOARD["panels"]:
        assert panel["datasource"] == source
        assert all(target["datasource"] == source for target in panel["targets"])
        assert panel["gridPos"]["x"] + panel["gridPos"]["w"] <= 24
