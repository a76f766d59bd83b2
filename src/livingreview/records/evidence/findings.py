"""A statement of direction and significance: one route for each reported pair of sizes."""

from __future__ import annotations

from typing import Annotated, ClassVar, Literal

from pydantic import Field, ValidationInfo, field_validator

from livingreview.base.types import NamedTest
from livingreview.base.validation import field_error
from livingreview.records.evidence.amounts import Direction, Significance
from livingreview.records.evidence.columns import InWords
from livingreview.records.evidence.comparison import Comparison
from livingreview.records.evidence.groups import groups_of
from livingreview.records.evidence.reported import Tested
from livingreview.records.evidence.route import AS_REPORTED, Route, Term, join_assumptions
from livingreview.records.evidence.sizes import Alternatives
from livingreview.records.evidence.statements import z_interval


class Finding(Tested):
    """Only a direction and a statement of significance."""

    decisive: ClassVar[tuple[str, ...]] = ("statement",)
    weighs_sizes: ClassVar[bool] = True
    quantity: ClassVar[str] = "a statement of significance"
    example: ClassVar[str] = """\
# One of increase, decrease, none, unclear.
direction: decrease
# One of significant, not_significant, not_stated.
significance: not_significant
# Test that the source names. One of pearson, yates, wald, fisher, may be left out.
# significance_test: pearson
# One entry per source of sizes, the one to analyse first. A list, may be left out.
sizes:
  - name: reported
    basis: reported
    treated: 120
    control: 118
    # total: 238
    source:
      url: https://example.org/to-fill-in
      locator: table 2, page 7
      kind: full text
    # note: What is special about these sizes.
"""

    kind: Literal["finding"]
    direction: Annotated[Direction, InWords()]
    significance: Annotated[Significance, InWords()]
    significance_test: NamedTest | None = Field(
        default=None,
        description=(
            "Test behind the statement, where the source names it: Pearson's chi-squared or a test"
            " of two proportions, the same with Yates' correction, of the log odds ratio, or"
            " Fisher's exact test. It matters where a group has fewer than 50 people."
        ),
    )
    sizes: Alternatives = Field(
        default=[], description="One entry per source of sizes, the one to analyse first."
    )

    @field_validator("significance")
    @classmethod
    def _significant_has_a_direction(cls, significance: str, info: ValidationInfo) -> str:
        if significance == "significant" and info.data.get("direction") == "none":
            allowed = "increase, decrease or unclear when the statement is `significant`"
            raise field_error(("direction",), "none", allowed, beside=True)
        return significance

    @property
    def is_adjusted(self) -> None:
        """Not said of a statement."""
        return None

    def routes(self, i: int, comparison: Comparison) -> list[Route]:
        """Routes by group sizes, the first of the record first."""
        clusters = comparison.clusters
        stated = z_interval(self.direction, self.significance)
        if stated is None:
            reason = "the statement names no direction and no significance that bound z"
            return [Route(i, self.kind, AS_REPORTED, reason=reason, scale="")]
        z = stated.times(1 / clusters.inflation)
        every = groups_of(self.sizes, comparison.assumed.sizes, clusters)
        if not every:
            reason = "no group sizes, so the statement cannot be weighed"
            return [Route(i, self.kind, AS_REPORTED, reason=reason, z=z, scale="")]
        return [
            Route(
                piece=i,
                kind=self.kind,
                alternative=groups.alternative,
                terms=(
                    Term(
                        "interval",
                        z_low=z.low,
                        z_high=z.high,
                        **groups.numbers,
                        significance_test=self.significance_test or "",
                    ),
                ),
                assumption=join_assumptions(groups.assumption, clusters.assumption),
                formula="finding",
                z=z,
                scale="",
                clustering=clusters.state,
                sizes=groups.sizes,
                groups=groups,
            )
            for groups in every
        ]
