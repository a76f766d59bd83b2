"""Effects and pieces of evidence as plain data, and the routes that they offer."""

from livingreview.protocol.outcomes import Assumed
from livingreview.records.evidence.preference import routes
from livingreview.records.evidence.route import Route, Term
from livingreview.records.study import Effect

SOURCE = {"url": "https://example.org/alpha", "locator": "table 1", "kind": "full text"}
BASELINE = 0.3


def effect(*evidence: dict) -> Effect:
    """Effect with these pieces of evidence."""
    return Effect.model_validate(
        {
            "id": "first",
            "outcome": "disease",
            "measure": "Cases",
            "follow_up_months": 12,
            "treated": "visit",
            "control": "usual",
            "evidence": [{"source": SOURCE, **piece} for piece in evidence],
        }
    )


def counts(a: int, n1: int, c: int, n0: int, **more) -> dict:
    arms = [{"arm": "visit", "events": a, "total": n1}, {"arm": "usual", "events": c, "total": n0}]
    return {"kind": "counts", "arms": arms, **more}


def percentages(
    treated: float, n1: int | None, control: float, n0: int | None, decimals: int = 0, **more
) -> dict:
    arms = [
        {"arm": arm, "percent": float(percent), "decimals": decimals}
        | ({} if n is None else {"total": n})
        for arm, percent, n in (("visit", treated, n1), ("usual", control, n0))
    ]
    return {"kind": "percentages", "arms": arms, **more}


def estimate(measure: str, value: float, **uncertainty) -> dict:
    return {"kind": "estimate", "measure": measure, "value": value, **uncertainty}


def means(treated: tuple[float, float, int], control: tuple[float, float, int], **more) -> dict:
    """Mean, standard deviation and people of both arms."""
    arms = [
        {"arm": arm, "mean": float(mean), "sd": float(sd), "total": total}
        for arm, (mean, sd, total) in (("visit", treated), ("usual", control))
    ]
    return {"kind": "means", "arms": arms, **more}


def sizes(name: str = "observed", basis: str = "reported", **numbers: int) -> dict:
    return {"name": name, "basis": basis, "source": SOURCE, **numbers}


def statistic(name: str, value: float, direction: str, *alternatives: dict, **more) -> dict:
    return {
        "kind": "test",
        "statistic": name,
        "value": float(value),
        "direction": direction,
        "sizes": list(alternatives),
        **more,
    }


def finding(direction: str, significance: str, *alternatives: dict, **more) -> dict:
    return {
        "kind": "finding",
        "direction": direction,
        "significance": significance,
        "sizes": list(alternatives),
        **more,
    }


def by_arm(kind: str, treated: dict, control: dict, **more) -> dict:
    """Evidence with these fields of the treated and the control arm."""
    arms = [{"arm": "visit", **treated}, {"arm": "usual", **control}]
    return {"kind": kind, "arms": arms, **more}


def ways_of(
    *evidence: dict, baseline: float = BASELINE, clustered: bool = False, **assumed
) -> list[Route]:
    """All routes; `assumed` is what else the protocol assumes of the outcome."""
    of_outcome = Assumed(probability=baseline, **assumed)
    return routes(effect(*evidence), of_outcome, clustered)


def only(*evidence: dict, **settings) -> Route:
    [route] = ways_of(*evidence, **settings)
    return route


def term_of(*evidence: dict, **settings) -> Term:
    [term] = only(*evidence, **settings).terms
    return term


def normal_term(*evidence: dict, **settings) -> tuple[float, float]:
    """Log odds ratio and standard error of the one normal term."""
    term = term_of(*evidence, **settings)
    assert term.likelihood == "normal"
    return term.value, term.standard_error
