"""Compare the results on this machine with the last release, as `make reproduce` does last.

Bytes are equal on one machine only. Across machines the headline figures may differ by what
sampling leaves open (`agreement.py`), provided that they are of the same data.
"""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd
import yaml

sys.path.insert(0, str(Path(__file__).parents[2] / "src"))

from agreement import STANDARD_ERRORS, disagreements

from livingreview.audit.verification import read_result

ROOT = Path(__file__).parents[2]


def same_analysis(state: dict, results: Path) -> str | None:
    """Tell why a release cannot be compared with these results, if it cannot."""
    run = yaml.safe_load((results / "9_audit/run_config.yaml").read_text(encoding="utf-8"))
    if state["protocol"] != run["protocol"]:
        return "the protocol changed since"
    for outcome, analysis in state["analyses"].items():
        terms = read_result(results / f"2_effects/{outcome}.csv").sort_values("term_id")
        rows = [
            {key: str(value) for key, value in row.items() if not pd.isna(value)}
            for row in terms.astype(object).to_dict("records")
        ]
        if rows != [{key: str(value) for key, value in t.items()} for t in analysis["terms"]]:
            return f"the evidence on {outcome} changed since"
    return None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--review", default="second_responder")
    review = parser.parse_args().review
    results = ROOT / "results" / review
    releases = sorted((ROOT / "data/releases" / review).glob("*.json"))
    if not releases:
        print(f"No release of {review} to compare with.")
        return
    if not results.exists():
        sys.exit(f"No results of {review} to compare: build them first.")
    state = json.loads(releases[-1].read_text(encoding="utf-8"))["state"]
    if reason := same_analysis(state, results):
        print(f"Not compared with the release of {releases[-1].stem}: {reason}.")
        return
    pooled = read_result(results / "5_synthesis/pooled.csv")
    compared, apart = disagreements(state["headline"], pooled)
    print(
        f"{compared} headline figures compared with the release of {releases[-1].stem};"
        f" {len(apart)} differ by more than {STANDARD_ERRORS} Monte Carlo standard errors"
        " of the difference."
    )
    sys.exit("\n".join(map(str, apart)) if apart else 0)


if __name__ == "__main__":
    main()
