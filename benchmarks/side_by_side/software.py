"""What is measured: cases, and peers with what each of them cannot do."""

from dataclasses import dataclass, field

import numpy as np

# Case: its heading, and the number of fits in it.
CASES = {
    "random_effects": ("One random-effects fit", 1),
    "meta_regression": ("One meta-regression, on latitude", 1),
    "exact_counts": ("One fit of exact counts", 1),
    "several_effects": ("One fit of 56 effects of 11 studies", 1),
    "leave_one_out": ("Each trial left out", 13),
    "prior_variants": ("1,000 variants of the priors", 1000),
}
QUADRATURE, NUTS = "quadrature", "nuts"
OURS = (QUADRATURE, NUTS)

_NO_PRIORS = {"prior_variants": "has no priors"}
_NO_BINOMIAL = {"exact_counts": "has no binomial likelihood"}
_NO_NESTING = {"several_effects": "has no studies with several effects"}


@dataclass(frozen=True)
class Peer:
    """A piece of software that can be measured.

    Attributes
    ----------
    label : str
        In tables and figure.
    script : str
        In the folder `peers`.
    kind : str
        ``integration``, ``sampling`` or ``estimation``: the last has no priors, so that what it
        finds is another answer by right.
    without : dict of str
        Cases that it is not asked for, with the reason.
    settings : dict
        More settings for the script.
    """

    label: str
    script: str
    kind: str
    without: dict[str, str] = field(default_factory=dict)
    settings: dict[str, object] = field(default_factory=dict)


PEERS = {
    QUADRATURE: Peer("ours: quadrature", "quadrature.py", "integration"),
    NUTS: Peer("ours: NUTS", "nuts.py", "sampling"),
    "bayesmeta": Peer("bayesmeta", "bayesmeta.R", "integration", _NO_BINOMIAL | _NO_NESTING),
    "bayesmeta_fine": Peer(
        "bayesmeta, fine",
        "bayesmeta.R",
        "integration",
        _NO_BINOMIAL | _NO_NESTING,
        {"fine": True},
    ),
    "brms": Peer(
        "brms",
        "brms.R",
        "sampling",
        {"exact_counts": "not asked: rstan runs the same Stan on code by hand"},
    ),
    "rstan": Peer(
        "rstan",
        "rstan.R",
        "sampling",
        {"several_effects": "not asked: brms runs the same Stan"},
    ),
    "jags": Peer("JAGS", "jags.R", "sampling"),
    "metafor": Peer("metafor", "metafor.R", "estimation", _NO_PRIORS),
    "pymare": Peer(
        "PyMARE", "pymare_reml.py", "estimation", _NO_PRIORS | _NO_BINOMIAL | _NO_NESTING
    ),
}


def prior_variants() -> list[tuple[float, float]]:
    """SD of the normal prior of mu and scale of the half-normal of tau, in each variant.

    Both from sceptical to vague, on log scales. A sequence that fills the square evenly
    (Roberts 2018), so that the first few, all that a slow peer gets to, are spread as well.
    """
    count = CASES["prior_variants"][1]
    golden = 1.324717957244746
    place = (0.5 + np.outer(np.arange(count), [1 / golden, 1 / golden**2])) % 1
    least, most = np.log([[0.35, 0.1], [4.0, 1.0]])
    return [(float(sd), float(scale)) for sd, scale in np.exp(least + place * (most - least))]
