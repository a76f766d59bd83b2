"""Our engine of numerical integration."""

from importlib.metadata import version

import numpy as np
import peers
import scipy.stats  # noqa: F401  the engine loads it for its first fit, and that is start
from timing import QUANTILES, SETTINGS, measure, ready

from livingreview.models.quadrature.engine import Answer, answer
from livingreview.models.quadrature.marginals import LEVELS, Marginal
from livingreview.models.quadrature.normal import NormalTerms, integrate
from livingreview.protocol.priors import Prior

ready(f"this repository, numpy {version('numpy')}")

PRIORS = peers.priors()
ESTIMATES, STUDIES = peers.estimates()
COUNTS, OF_COUNTS = peers.counts()


def described(found: Answer) -> list[dict]:
    """One answer in the words of the other peers."""
    return [peers.as_figure(found.quantities)]


def of_fit(marginal: Marginal, fit: int) -> dict:
    """One fit of many."""
    at = [int(np.flatnonzero(float(p) == LEVELS)[0]) for p in QUANTILES]
    quantiles = dict(zip(QUANTILES, marginal.quantiles[fit, at].tolist(), strict=True))
    return {
        "mean": float(marginal.mean[fit]),
        "sd": float(marginal.sd[fit]),
        "quantiles": quantiles,
    }


overall, latitude = (peers.design(STUDIES, model) for model in ("overall", "latitude"))
exact = peers.design(OF_COUNTS, "overall")
measure("random_effects", 1, lambda _: answer(ESTIMATES, overall, PRIORS, peers.LIMIT), described)
measure("meta_regression", 1, lambda _: answer(ESTIMATES, latitude, PRIORS, peers.LIMIT), described)
measure("exact_counts", 1, lambda _: answer(COUNTS, exact, PRIORS, peers.LIMIT), described)
of_schools, districts, school_priors = peers.schools()
measure(
    "several_effects",
    1,
    lambda _: answer(of_schools, districts, school_priors, peers.LIMIT),
    described,
)

# All trials left out in turn are one call, as in the pipeline.
trials = len(ESTIMATES.studies)
terms = NormalTerms(
    value=np.tile(ESTIMATES.estimates[0], (trials, 1)),
    error=np.tile(ESTIMATES.estimates[1], (trials, 1)),
    columns=np.ones((trials, trials, 1)),
    included=~np.eye(trials, dtype=bool),
)
measure(
    "leave_one_out",
    1,
    lambda _: integrate(terms, PRIORS, np.ones((1, 1)), peers.LIMIT),
    lambda found: [
        {"mu": of_fit(found.coefficients[0], fit), "tau": of_fit(found.tau, fit)}
        for fit in range(trials)
    ],
)

variants = [
    PRIORS.model_copy(
        update={"mu": Prior("normal", (0.0, sd)), "tau": Prior("half_normal", (scale,))}
    )
    for sd, scale in SETTINGS["variants"]
]
measure(
    "prior_variants",
    len(variants),
    lambda call: answer(ESTIMATES, overall, variants[call], peers.LIMIT),
    described,
)
