"""The simulations of `known_truth` that are run here, by name."""

from __future__ import annotations

from functools import cache

import numpy as np
from forms import finding, reported_as
from known_truth import Simulation, joint_quantities, overall_quantities
from pipeline import evidence, protocol, records, reported

from livingreview.calibration.cases import made_up_studies
from livingreview.effects.data_set import Dataset

SEED = 20261124
DATA_SETS = 200
# Near what the counts of the 13 trials say.
BCG_TRUTH = {"mu": np.array(-0.75), "tau": np.array(0.6)}
# A rise of a third, and studies that differ as much: what this field might have.
POLICE_TRUTH = {"mu": np.array(0.3), "tau": np.array(0.3)}
# Police records rise and victims report slightly less: more reporting, not more abuse.
JOINT_TRUTH = {
    "mu": np.array([0.4, -0.1, 0.3]),
    "tau": np.array([0.4, 0.4, 0.4]),
    "correlation": np.array([[1.0, 0.6, 0.3], [0.6, 1.0, 0.3], [0.3, 0.3, 1.0]]),
}
# A dozen studies of the sizes of this field, which is more than report all three outcomes.
JOINT_SIZES = [100, 150, 200, 250, 300, 400, 500, 600, 800, 100, 200, 400]


def findings(review: str, outcome: str) -> Dataset:
    """Structure of a review's outcome with every effect reported as a finding."""
    if review == "bcg_vaccine":
        return reported(review, outcome, lambda record: reported_as(record, finding)).data
    return evidence(review, outcome, records(review)).data


def joint_studies(sizes: list[int]) -> Dataset:
    """Studies of all kinds of evidence with all outcomes of the second responder review."""
    # The prior for counts is too wide to be a truth: most control groups would have no event.
    baselines = {
        name: outcome.priors.model_copy(update={"counts": outcome.priors.findings})
        for name, outcome in protocol("second_responder").outcomes.items()
    }
    return made_up_studies(sizes, baselines)


@cache
def simulations() -> dict[str, Simulation]:
    """All of them."""
    found = {}
    for review, outcome, truth in (
        ("bcg_vaccine", "tuberculosis", BCG_TRUTH),
        ("second_responder", "police_recorded", POLICE_TRUTH),
    ):
        model = protocol(review).specifications()["overall"]
        for name, fixed in (("fixed", truth), ("drawn", None)):
            found[f"{review}_{name}"] = Simulation(
                findings(review, outcome), model, overall_quantities, fixed, DATA_SETS, SEED
            )
    model = protocol("second_responder").specifications()["all_outcomes"]
    studies = joint_studies(JOINT_SIZES)
    for name, fixed in (("fixed", JOINT_TRUTH), ("drawn", None)):
        named = joint_quantities(studies.outcomes)
        found[f"joint_{name}"] = Simulation(studies, model, named, fixed, DATA_SETS, SEED)
    return found
