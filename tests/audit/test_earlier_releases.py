"""States of releases written before a field was renamed are read as they were meant."""

from pathlib import Path

import yaml
from tiny_updates import refitted

from livingreview.audit.updates.states import State

ROOT = Path(__file__).parents[2]
SHIPPED = ROOT / "data/releases/second_responder/2026-11-24.json"


def earlier(state: dict) -> dict:
    """A state as releases had it until November 2026."""
    for analysis in state["analyses"].values():
        for row in analysis["terms"]:
            if "value" in row:
                row["log_odds_ratio"] = row.pop("value")
    state["protocol"]["sampling_correlation"] = state["protocol"]["sampling_correlation"]["value"]
    return state


def test_columns_and_correlation_of_earlier_releases(tiny_state):
    read = State.model_validate(earlier(tiny_state.model_dump(mode="json")))
    assert read == tiny_state
    assert read.sampling_correlation == 0.5
    assert refitted(read, "relapse") == refitted(tiny_state, "relapse")


def test_the_shipped_release_is_read():
    state = State.model_validate(yaml.safe_load(SHIPPED.read_text())["state"])
    assert state.protocol["sampling_correlation"]["value"] == state.sampling_correlation == 0.5
