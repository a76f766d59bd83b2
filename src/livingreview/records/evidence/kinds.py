"""All kinds of evidence, in the order in which they are preferred for analysis."""

from __future__ import annotations

from typing import Annotated, get_args

from pydantic import Field

from livingreview.records.evidence.changes import Changes
from livingreview.records.evidence.counts import Counts
from livingreview.records.evidence.estimates import Estimate
from livingreview.records.evidence.findings import Finding
from livingreview.records.evidence.incidents import IncidentMeans
from livingreview.records.evidence.means import Means
from livingreview.records.evidence.medians import Medians
from livingreview.records.evidence.percentages import Percentages
from livingreview.records.evidence.rates import Rates
from livingreview.records.evidence.reported import Reported
from livingreview.records.evidence.significance_tests import Test

Evidence = Annotated[
    Counts
    | Rates
    | Percentages
    | IncidentMeans
    | Estimate
    | Means
    | Changes
    | Medians
    | Test
    | Finding,
    Field(discriminator="kind"),
]
KINDS: dict[str, type[Reported]] = {
    get_args(kind.model_fields["kind"].annotation)[0]: kind
    for kind in get_args(get_args(Evidence)[0])
}
