"""The alert rules and the dashboard in docs/deploy/monitoring."""

import json
import re

import pytest

from metrics import documented, monitoring, promtool
from processes import REPOSITORY

NAME = re.compile(r"chatd_[a-z_]+")


def names_of_series():
    """The names that an expression may have: a histogram has three."""
    for name, kind in documented().items():
        yield from [f"{name}_{part}" for part in ("bucket", "sum", "count")] if kind == "histogram" else [name]


def test_prometheus_accepts_the_configuration_and_the_rules():
    promtool("check", "config", monitoring("prometheus.yml"))
    promtool("check", "rules", monitoring("alerts.yml"))


@pytest.mark.parametrize("file", ["alerts.yml", "dashboard.json"])
def test_alerts_and_dashboard_use_documented_metrics_alone(file):
    used = set(NAME.findall(monitoring(file).read_text()))
    assert used and used <= set(names_of_series())


def test_every_panel_has_an_expression_that_prometheus_can_read(tmp_path):
    panels = json.loads(monitoring("dashboard.json").read_text())["panels"]
    expressions = [target["expr"] for panel in panels for target in panel["targets"]]
    assert len(panels) == 18 and len(expressions) > 18
    # Grafana replaces these.
    rules = [
        {"record": f"panel:{number}", "expr": expression.replace("$__rate_interval", "1m").replace("$instance", ".*")}
        for number, expression in enumerate(expressions)
    ]
    path = tmp_path / "panels.yml"
    path.write_text(json.dumps({"groups": [{"name": "panels", "rules": rules}]}))
    promtool("check", "rules", path)


def test_every_alert_is_explained_to_the_operator():
    alerts = re.findall(r"- alert: (\w+)", monitoring("alerts.yml").read_text())
    explained = re.findall(r"^\| `(\w+)` \|", (REPOSITORY / "docs/operating.md").read_text(), re.MULTILINE)
    assert alerts and explained == alerts
