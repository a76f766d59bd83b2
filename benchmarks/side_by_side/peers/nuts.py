"""Our sampler: PyMC's model, compiled once, and nutpie's draws with its numbers swapped."""

from importlib.metadata import version

import arviz as az
import numpy as np
import peers
import pymc as pm
import xarray as xr
from timing import QUANTILES, SETTINGS, measure, ready, timed

from livingreview.effects.data_set import Dataset
from livingreview.models.nuts.compiling import compile_model
from livingreview.models.nuts.draws import sample
from livingreview.models.nuts.graph import build_model, model_numbers
from livingreview.models.nuts.packing import NUMBERS
from livingreview.protocol.priors import Prior
from livingreview.protocol.run_config import Sampler

with pm.Model() as smallest:
    pm.Normal("x", pm.Data(NUMBERS, np.zeros(1))[0])
# The first model that is compiled loads what compiles, and that is start.
compile_model(smallest)
ready(f"this repository, PyMC {version('pymc')}, nutpie {version('nutpie')}")

PRIORS = peers.priors()
SPECIFICATION = peers.protocol().specifications()["overall"].model_copy(update={"priors": PRIORS})
ESTIMATES, STUDIES = peers.estimates()
COUNTS, _ = peers.counts()
SAMPLER = Sampler(**{name: SETTINGS[name] for name in ("chains", "tune", "draws", "target_accept")})


def described(draws: xr.DataTree) -> list[dict]:
    """One answer in the words of the other peers."""
    posterior = draws["posterior"]
    found = {"mu": posterior["mu"].to_numpy(), "tau": posterior["tau"].to_numpy()}
    if "omega" in posterior:
        found["omega"] = posterior["omega"].to_numpy()
    if posterior.sizes.get("coefficient"):
        found["slope"] = posterior["beta"].to_numpy()[..., 0]
    return [{name: statistics(values) for name, values in found.items()}]


def statistics(values: np.ndarray) -> dict:
    """Mean, SD, quantiles and effective draws; shape (chain, draw)."""
    return {
        "mean": float(values.mean()),
        "sd": float(values.std(ddof=1)),
        "quantiles": {p: float(np.quantile(values, float(p))) for p in QUANTILES},
        "ess": float(az.ess(values, method="bulk")),
    }


def compiled(data: Dataset, coefficients: int, specification=SPECIFICATION) -> tuple:
    """A compiled model, and the seconds that it took."""
    return timed(lambda: compile_model(build_model(data, coefficients, specification)))


plain, spent = compiled(ESTIMATES, 0)
numbers = model_numbers(ESTIMATES, 0, SPECIFICATION)
draw = lambda of_fit: sample(plain, of_fit, SAMPLER, SETTINGS["seed"])  # noqa: E731
measure("random_effects", 1, lambda _: draw(numbers), described, spent)

trials = len(ESTIMATES.studies)
left_out = [
    model_numbers(ESTIMATES, 0, SPECIFICATION, included=np.arange(trials) != i)
    for i in range(trials)
]
measure("leave_one_out", trials, lambda call: draw(left_out[call]), described, spent)


def under(mu_sd: float, tau_scale: float) -> dict:
    """Numbers of the model under other priors."""
    changed = {
        "mu": Prior("normal", (0.0, mu_sd)),
        "tau": Prior("half_normal", (tau_scale,)),
    }
    priors = PRIORS.model_copy(update=changed)
    return model_numbers(ESTIMATES, 0, SPECIFICATION.model_copy(update={"priors": priors}))


variants = SETTINGS["variants"]
measure(
    "prior_variants", len(variants), lambda call: draw(under(*variants[call])), described, spent
)

sloped, spent = compiled(ESTIMATES, 1)
columns = peers.design(STUDIES, "latitude").columns
with_latitude = model_numbers(ESTIMATES, 1, SPECIFICATION, columns)
measure(
    "meta_regression",
    1,
    lambda _: sample(sloped, with_latitude, SAMPLER, SETTINGS["seed"]),
    described,
    spent,
)

exact, spent = compiled(COUNTS, 0)
of_counts = model_numbers(COUNTS, 0, SPECIFICATION)
measure(
    "exact_counts",
    1,
    lambda _: sample(exact, of_counts, SAMPLER, SETTINGS["seed"]),
    described,
    spent,
)

of_schools, districts, school_priors = peers.schools()
nested = SPECIFICATION.model_copy(update={"priors": school_priors})
several, spent = compiled(of_schools, 0, nested)
of_effects = model_numbers(of_schools, 0, nested)
measure(
    "several_effects",
    1,
    lambda _: sample(several, of_effects, SAMPLER, SETTINGS["seed"]),
    described,
    spent,
)
