"""Two small made-up reviews of other measures than the odds ratio, in the files of a user.

One of events over person-time, by rate ratios; one of means of a score with a unit. Protocol and
texts are those of the tiny review, with one outcome.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml

TINY = Path(__file__).parent / "tiny_review"
Data = dict[str, Any]

# Events and person-time with and without treatment.
RATES = {
    "alpha": ((20, 100.0), (38, 105.0)),
    "beta": ((45, 310.0), (60, 300.0)),
    "gamma": ((9, 40.0), (15, 42.0)),
    "delta": ((70, 500.0), (81, 490.0)),
}
# A rate ratio with its interval.
RATE_RATIO = (0.7, [0.5, 0.98])
# Mean, standard deviation and people with and without treatment.
MEANS = {
    "alpha": ((138.2, 15.1, 60), (147.9, 14.2, 62)),
    "beta": ((141.0, 12.0, 150), (146.5, 13.0, 148)),
    "gamma": ((139.6, 16.5, 35), (145.2, 17.1, 33)),
    "delta": ((143.1, 14.0, 210), (146.0, 13.7, 205)),
}
# A difference of means with its standard error.
MEAN_DIFFERENCE = (-8.4, 2.6)
ESTIMATE_OF = "epsilon"


def protocol(review: str) -> Data:
    """The tiny review's protocol with one outcome, in another measure."""
    made = yaml.safe_load((TINY / "protocol.yaml").read_text())
    outcome = made["outcomes"]["relapse"]
    made |= {"review": review, "outcomes": {"relapse": outcome}}
    made["decisions"]["published"]["reason"] = "Invented."
    if review == "rates":
        outcome["measure"] = "rate_ratio"
        outcome["baseline"]["cited"] = None
        return made
    del outcome["baseline"]
    outcome |= {
        "label": "Blood pressure",
        "phrase": "blood pressure",
        "measure": "mean_difference",
        "unit": "mmHg",
    }
    priors = made["prior_sets"]["default"]
    priors |= {"mu": "normal(0, 20)", "beta": "normal(0, 10)", "tau": "half_normal(10)"}
    wide = {"mu": "normal(0, 60)", "beta": "normal(0, 20)", "tau": "half_normal(30)"}
    made["prior_sets"]["wide"] = priors | wide
    made["decisions"]["practically_none_effect"] = 2
    made["checks"]["prior_effect_at_most"]["value"] = 100
    made["sensitivity"]["small_studies"]["standard_error_per"] = 2
    made["sensitivity"]["next_trial"]["true_effects"] = [-5, 0]
    return made


def records(review: str) -> list[Data]:
    """Records of the studies."""
    made = []
    if review == "rates":
        for study, arms in RATES.items():
            told = [
                {"arm": arm, "events": events, "person_time": time}
                for arm, (events, time) in zip(("pill", "none"), arms, strict=True)
            ]
            made.append(_record(study, {"kind": "rates", "arms": told}))
        value, interval = RATE_RATIO
        told = {"measure": "rate_ratio", "value": value, "interval": interval}
    else:
        for study, arms in MEANS.items():
            told = [
                {"arm": arm, "mean": mean, "sd": sd, "total": total}
                for arm, (mean, sd, total) in zip(("pill", "none"), arms, strict=True)
            ]
            made.append(_record(study, {"kind": "means", "arms": told}))
        value, error = MEAN_DIFFERENCE
        told = {"measure": "mean_difference", "value": value, "standard_error": error}
    return [*made, _record(ESTIMATE_OF, {"kind": "estimate"} | told)]


def _record(study: str, evidence: Data) -> Data:
    """The tiny review's first record, of another study with other evidence."""
    made = yaml.safe_load((TINY / "studies/alpha.yaml").read_text())
    [effect] = made["effects"]
    source = effect["evidence"][0]["source"] | {"url": f"https://example.org/{study}"}
    made |= {"study_id": study, "sources": [dict(source)]}
    made["citation"]["label"] = f"{study.capitalize()} 2020"
    made["design"]["kind"] = "experimental" if study < "c" else "quasi_experimental"
    effect["evidence"] = [evidence | {"source": source}]
    return made


def write_review(tree: Path, review: str) -> None:
    """Write the files of a review, ``rates`` or ``means``, into a copy of the workflow."""
    folder = tree / "data/raw" / review
    (folder / "studies").mkdir(parents=True, exist_ok=True)
    narrative = (TINY / "narrative.yaml").read_text()
    (folder / "narrative.yaml").write_text(
        narrative.replace("review: tiny", f"review: {review}", 1)
    )
    (folder / "published.yaml").write_text("conclusions: []\n")
    _write(tree / f"config/reviews/{review}.yaml", protocol(review))
    for record in records(review):
        _write(folder / "studies" / f"{record['study_id']}.yaml", record)


def _write(path: Path, data: Data) -> None:
    path.write_text(yaml.safe_dump(data, sort_keys=False))
