"""One fit of the 13 BCG trials by numerical integration, beside the sampler, in one run.

Run from anywhere: ``PYTHONPATH=src .venv/bin/python benchmarks/quadrature.py``. Prints
milliseconds, best of several runs, with the sampler's imports and compiling shown apart.
"""

import sys
import time
from collections.abc import Callable
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]


def best(call: Callable[[], object], repeats: int) -> float:
    """Shortest of several runs, in milliseconds."""
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        call()
        times.append(time.perf_counter() - start)
    return 1e3 * min(times)


def main() -> None:
    """Time both engines."""
    start = time.perf_counter()
    import numpy as np
    import peers

    from livingreview.quadrature.engine import answer
    from livingreview.quadrature.normal import NormalTerms, integrate
    from livingreview.quadrature.pooled_effect import pooled_effects
    from livingreview.quadrature.study_tables import StudyLikelihoods

    imports = 1e3 * (time.perf_counter() - start)
    priors = peers.priors()
    data, studies = peers.estimates()
    exact, of_counts = peers.counts()
    print(f"{imports:9.1f} ms  imports of the quadrature engine")
    for name, one, frame, model, repeats in (
        ("normal terms", data, studies, "overall", 200),
        ("normal terms, latitude", data, studies, "latitude", 200),
        ("exact counts, tables included", exact, of_counts, "overall", 5),
        ("exact counts, latitude", exact, of_counts, "latitude", 2),
    ):
        design = peers.design(frame, model)
        call = lambda one=one, design=design: answer(one, design, priors, peers.LIMIT)  # noqa: E731
        print(f"{best(call, repeats):9.2f} ms  quadrature, one fit: {name}")

    subsets = np.array(list(product([False, True], repeat=13)))[1:]
    terms = NormalTerms(
        value=np.tile(data.normal_value, (2000, 1)),
        error=np.tile(data.normal_error, (2000, 1)),
        columns=np.ones((2000, 13, 1)),
        included=subsets[:2000],
    )
    spent = best(lambda: integrate(terms, priors, np.ones((1, 1)), peers.LIMIT), 2)
    print(f"{spent / 2000:9.3f} ms  a fit, normal terms, among 2,000 subsets at once")
    likelihoods = StudyLikelihoods.of([exact])
    spent = best(lambda: pooled_effects(likelihoods, subsets, priors, peers.LIMIT), 1)
    print(f"{spent / len(subsets):9.3f} ms  a fit, exact counts, among all {len(subsets)} subsets")

    start = time.perf_counter()
    import nutpie

    from livingreview.models import build_model, model_numbers
    from livingreview.run_config import Sampler
    from livingreview.sampling import sample

    print(f"{1e3 * (time.perf_counter() - start):9.1f} ms  imports of the sampler")
    specification = peers.protocol().specifications()["overall"]
    for name, one in (("normal terms", data), ("exact counts", exact)):
        start = time.perf_counter()
        compiled = nutpie.compile_pymc_model(build_model(one, 0, specification))
        print(f"{1e3 * (time.perf_counter() - start):9.1f} ms  sampler, compile: {name}")
        sampler = Sampler(chains=4, tune=1000, draws=2000, target_accept=0.95)
        numbers = model_numbers(one, 0, specification)
        spent = best(lambda: sample(compiled, numbers, sampler, 1), 3)  # noqa: B023
        print(f"{spent:9.1f} ms  sampler, 4 x 2,000 draws: {name}")


if __name__ == "__main__":
    main()
