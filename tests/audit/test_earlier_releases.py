"""States of releases written before a field was renamed are read as they were meant."""

import json
from pathlib import Path

from tiny_updates import protocol_data, records_data, refitted, state

from livingreview.audit.updates.states import State

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "data/releases/second_responder/2026-11-24.json"


def earlier(data: dict) -> dict:
    """A state as releases had it until November 2026."""
    for analysis in data["analyses"].values():
        for row in analysis["terms"]:
            if "value" in row:
                row["log_odds_ratio"] = row.pop("value")
    for row in data["verdicts"]:
        for end in ("", "_low", "_high"):
            row[f"odds_ratio{end}"] = row.pop(f"effect{end}")
    protocol = data["protocol"]
    plan = protocol["sensitivity"]["next_trial"]
    plan["true_odds_ratios"] = plan.pop("true_effects")
    decisions, checks = protocol["decisions"], protocol["checks"]
    decisions["practically_none_odds_ratio"] = decisions.pop("practically_none_effect")
    checks["prior_odds_ratio_at_most"] = checks.pop("prior_effect_at_most")
    protocol["sampling_correlation"] = protocol["sampling_correlation"]["value"]
    return data


def test_columns_and_correlation_of_earlier_releases(tmp_path):
    today = state(tmp_path, protocol_data(), records_data())
    read = State.model_validate(earlier(today.model_dump(mode="json")))
    assert read == today
    assert read.sampling_correlation == 0.5
    assert refitted(read, "relapse") == refitted(today, "relapse")


def test_the_shipped_release_is_read():
    shipped = State.model_validate(json.loads(SHIPPED.read_text())["state"])
    assert shipped.sampling_correlation == 0.5
    assert set(shipped.protocol["sampling_correlation"]) == {"value", "reason"}
