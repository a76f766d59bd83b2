"""Types of fields that records, protocol, narrative and tables share."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from livingreview.base.patterns import ADDRESS, IDENTIFIER
from livingreview.base.validation import Strict

Identifier = Annotated[str, Field(pattern=IDENTIFIER)]
Text = Annotated[str, Field(min_length=1, max_length=2000)]
Address = Annotated[str, Field(pattern=ADDRESS, max_length=500)]
# Forms of the likelihood of one term.
Likelihood = Literal["binomial", "poisson", "normal", "ratio", "interval", "rounded"]
# Tests of a 2 x 2 table that a source may name.
NamedTest = Literal["pearson", "yates", "wald", "fisher"]
DesignKind = Literal["experimental", "quasi_experimental", "not_known"]


# What sort of document was read, from the study itself to what only names it.
SourceKind = Literal[
    "full text",
    "report opening",
    "abstract",
    "copy on a sharing site",
    "data archive page",
    "official summary",
    "secondary summary",
    "page by those involved",
    "press release",
    "blog",
    "identifier only",
]


class Source(Strict):
    """Where a value was read."""

    url: Address
    locator: Text = Field(description="Place on that page: section, table, page number.")
    kind: SourceKind = Field(
        description="What sort of document was read. A copy on a sharing site is one of a paper or"
        " of slides, on a site to which anyone can upload; those involved are who ran or evaluated"
        " the programme, and their institutions."
    )
