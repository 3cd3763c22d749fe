"""The alerting rules and the dashboard use only metrics that exist."""

import json
import re
import shutil
import subprocess
from dataclasses import fields
from typing import Any

import pytest
import yaml

from pipeline_local.home import REPOSITORY
from pipeline_shared.runtime.metrics import create_metrics

FOLDER = REPOSITORY / "deploy/observability"
RULES: list[dict[str, Any]] = yaml.safe_load((FOLDER / "rules.yml").read_text(encoding="utf-8"))["groups"][0]["rules"]
TESTS: list[dict[str, Any]] = yaml.safe_load((FOLDER / "rules.test.yml").read_text(encoding="utf-8"))["tests"]
DASHBOARD: dict[str, Any] = json.loads((FOLDER / "grafana/dashboards/flow.json").read_text(encoding="utf-8"))
QUERIES = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]
EXPRESSIONS = [rule["expr"] for rule in RULES] + QUERIES
SUFFIXES = {"counter": ("_total",), "gauge": ("",), "histogram": ("_bucket", "_sum", "_count")}


def declared() -> set[str]:
    families = create_metrics().registry.collect()
    return {family.name + suffix for family in families for suffix in SUFFIXES[family.type]}


@pytest.mark.parametrize("expression", EXPRESSIONS)
def test_an_expression_names_only_metrics_that_are_declared(expression: str) -> None:
    assert set(re.findall(r"\bpipeline_\w+", expression)) <= declared()


def test_no_label_of_a_metric_can_stand_for_who_submitted() -> None:
    """A label names a part of the pipeline or a result; a new label needs the same argument."""
    metrics = create_metrics()
    labels = {label for each in fields(metrics) for label in getattr(getattr(metrics, each.name), "_labelnames", ())}
    assert labels == {"became", "check", "outcome", "place", "stage", "status", "topic", "what"}


def test_every_declared_metric_is_on_the_dashboard() -> None:
    shown = " ".join(QUERIES)
    names = {family.name for family in create_metrics().registry.collect()}
    assert {name for name in names if name not in shown} == set()


def test_every_rule_is_tested_both_ways() -> None:
    checks = [check for test in TESTS for check in test["alert_rule_test"]]
    calls = {check["alertname"] for check in checks if check["exp_alerts"]}
    quiet = {check["alertname"] for check in checks if not check["exp_alerts"]}
    assert calls == quiet == {rule["alert"] for rule in RULES}


def test_every_rule_says_what_to_do_first() -> None:
    assert all(rule["annotations"]["action"] for rule in RULES)


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool (Debian package prometheus) is not installed")
def test_the_rules_call_when_they_should() -> None:
    done = subprocess.run(
        ["promtool", "test", "rules", str(FOLDER / "rules.test.yml")], capture_output=True, check=False
    )
    assert done.returncode == 0, done.stdout.decode() + done.stderr.decode()


def test_no_two_panels_share_a_place() -> None:
    cells: set[tuple[int, int]] = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        own = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert not cells & own
        assert max(x for x, _ in own) < 24
        cells |= own


def test_the_guide_says_of_every_alert_what_it_means_and_what_to_do() -> None:
    guide = (REPOSITORY / "docs" / "operating.md").read_text(encoding="utf-8")
    _, _, alerts = guide.partition("\n## Alerts\n")
    explained = dict(part.split("\n", 1) for part in alerts.split("\n### ")[1:])
    assert list(explained) == [rule["alert"] for rule in RULES]
    assert all(len(text.split()) > 8 for text in explained.values())
