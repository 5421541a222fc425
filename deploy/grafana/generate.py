"""`make dashboards`: the panels written here come in, the dashboard files that Grafana provisions go out."""

import sys
from pathlib import Path
from typing import Any

import orjson

FOLDER = Path(__file__).parent / "dashboards"
WIDTH, HEIGHT, COLUMNS = 12, 8, 24
Panel = tuple[str, str, str, str]

PIPELINE: tuple[Panel, ...] = (
    (
        "Records per second and ending",
        "sum by (stage, outcome) (rate(hub_events_total[1m]))",
        "{{stage}} {{outcome}}",
        "ops",
    ),
    ("Waiting records", "sum by (topic) (hub_consumer_lag_records)", "{{topic}}", "short"),
    (
        "Age of an event when a stage has finished it, p99",
        "histogram_quantile(0.99, sum by (le, stage) (rate(hub_event_age_seconds_bucket[5m])))",
        "{{stage}}",
        "s",
    ),
    (
        "Time a batch takes, p95",
        "histogram_quantile(0.95, sum by (le, stage) (rate(hub_stage_seconds_bucket[5m])))",
        "{{stage}}",
        "s",
    ),
    (
        "Dead letters per second",
        "sum by (stage, reason) (rate(hub_dead_letters_total[5m]))",
        "{{stage}} {{reason}}",
        "ops",
    ),
    ("Seconds since progress", "hub_seconds_since_progress", "{{stage}}", "s"),
    ("Accepted records with no ending, or two, or removed unread", "hub_conservation_gap", "gap", "short"),
    ("Content by band", "sum by (band) (rate(hub_risk_band_total[5m]))", "{{band}}", "ops"),
    ("Degraded results that wait to be scored again", "sum(hub_degraded_waiting)", "waiting", "short"),
    ("Undecided cases: open, taken or escalated", "hub_review_queue_depth", "{{band}}", "short"),
    ("How long the oldest of them is undecided", "hub_review_oldest_seconds", "{{band}}", "s"),
    ("Requests sent", "sum by (platform) (increase(hub_takedowns_total[1h]))", "{{platform}}", "short"),
    (
        "Attempts to hand requests over",
        "sum by (platform, state) (increase(hub_deliveries_total[1h]))",
        "{{platform}} {{state}}",
        "short",
    ),
    ("Outcomes", "sum by (outcome) (increase(hub_outcomes_total[1h]))", "{{outcome}}", "short"),
)


def dashboard(uid: str, title: str, panels: tuple[Panel, ...]) -> dict[str, Any]:
    """One dashboard: two panels a row, time series over one query each."""
    return {
        "uid": uid,
        "title": title,
        "tags": ["referral-hub"],
        "schemaVersion": 39,
        "refresh": "5s",
        "time": {"from": "now-1h", "to": "now"},
        "panels": [_panel(number, *panel) for number, panel in enumerate(panels)],
    }


def _panel(number: int, title: str, query: str, legend: str, unit: str) -> dict[str, Any]:
    per_row = COLUMNS // WIDTH
    source = {"type": "prometheus", "uid": "prometheus"}
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": title,
        "datasource": source,
        "gridPos": {"x": number % per_row * WIDTH, "y": number // per_row * HEIGHT, "w": WIDTH, "h": HEIGHT},
        "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
        "targets": [{"refId": "A", "datasource": source, "expr": query, "legendFormat": legend}],
    }


def documents() -> dict[str, bytes]:
    """Every dashboard by its file name."""
    pretty = orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    return {"pipeline.json": orjson.dumps(dashboard("hub-pipeline", "Referral Hub: the flow", PIPELINE), option=pretty)}


def main() -> int:
    """Write the files; returns 0."""
    for name, content in documents().items():
        (FOLDER / name).write_bytes(content)
        sys.stdout.write(f"deploy/grafana/dashboards/{name}\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
