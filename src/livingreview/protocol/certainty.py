"""Limits by which the certainty of an outcome's evidence is proposed.

Each limit has a reason, and says which way a number must go to lower the certainty: beyond a limit
`at_most` it is larger, below one `at_least` smaller.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Annotated, Self

from pydantic import Field, model_validator
from pydantic_core import PydanticCustomError

from livingreview.base.documents import Location
from livingreview.base.errors import one_of
from livingreview.base.types import Identifier, Text
from livingreview.base.validation import Strict, field_error
from livingreview.protocol.names import unknown_name

Share = Annotated[float, Field(ge=0, le=1)]
Amount = Annotated[float, Field(ge=0)]


class CertaintyLimit(Strict):
    """Where a number lowers the certainty by one step, where by two, and why."""

    one_step: float
    two_steps: float | None = Field(
        default=None, description="Null where it lowers by one at most."
    )
    reason: Text


class ShareLimit(CertaintyLimit):
    """Limits of a share or a probability."""

    one_step: Share
    two_steps: Share | None = Field(
        default=None, description="Null where it lowers by one at most."
    )


class AmountLimit(CertaintyLimit):
    """Limits of an amount: of things, or by which intervals differ."""

    one_step: Amount
    two_steps: Amount | None = Field(
        default=None, description="Null where it lowers by one at most."
    )


class StartLimit(Strict):
    """Where a body of evidence starts as high, and why."""

    value: Share
    reason: Text


class Randomised(Strict):
    """Which studies count as randomised."""

    moderator: Identifier = Field(description="Moderator that tells how groups were formed.")
    levels: Annotated[list[Identifier], Field(min_length=1)]


class Interest(Strict):
    """Whom and where an answer on an outcome is wanted for."""

    moderators: dict[Identifier, Annotated[list[Identifier], Field(min_length=1)]] = Field(
        default={}, description="Levels of interest of a moderator, such as country or population."
    )
    published_since: Annotated[int, Field(ge=1900, le=2100)] | None = Field(
        default=None, description="Year; studies published before are of another period."
    )
    reason: Text


class Certainty(Strict):
    """Limits of the domains of GRADE, and the people, places and times of interest."""

    randomised: Randomised | None = Field(
        description="Null where no moderator tells; then no study counts as randomised."
    )
    randomised_at_least: StartLimit = Field(
        description="Share of people in randomised studies with which a body starts as high."
    )
    high_risk_at_most: ShareLimit = Field(
        description="Share of people in studies at high risk of bias; in a body that starts as"
        " high, in studies that are not randomised as well."
    )
    not_judged_at_most: ShareLimit = Field(
        description="Share of judgements of risk of bias that could not be made, by people."
    )
    settings_reach_at_most: AmountLimit = Field(
        description="Ratio: how much further the interval for a new setting reaches to the other"
        " side of no effect than that of the average. Where the size is learnt."
    )
    settings_agree_at_least: ShareLimit = Field(
        description="Probability that the effect in a new setting has the direction of the"
        " average. Where the size is not learnt."
    )
    outside_interest_at_most: ShareLimit = Field(
        description="Share of people outside what is of interest, for each field of it."
    )
    thresholds_crossed_at_most: AmountLimit = Field(
        description="Of the two limits of practically none, those within the interval of the"
        " average. Where the size is learnt."
    )
    direction_at_least: ShareLimit = Field(
        description="Probability of the direction. Where the size is not learnt."
    )
    events_at_least: AmountLimit = Field(
        description="Expected number of people with the outcome, in all groups."
    )
    not_usable_at_most: ShareLimit = Field(
        description="Share of the results known to exist that could not be used."
    )
    direction_if_unprinted_at_least: ShareLimit = Field(
        description="Probability of the direction under the assumed printing of results that"
        " leaves least of it."
    )
    unreported_at_least: AmountLimit = Field(
        description="Unreported studies without effect that would take the direction away, for each"
        " study on record."
    )
    searches_at_least: AmountLimit = Field(description="Searches for studies on record.")
    interest: dict[Identifier, Interest] = Field(
        description="By outcome; of one without an entry, indirectness is not judged."
    )
    reason: Text

    @model_validator(mode="after")
    def _second_limits_are_further(self) -> Self:
        for name, limit in self:
            if not isinstance(limit, CertaintyLimit) or limit.two_steps is None:
                continue
            further = limit.two_steps - limit.one_step
            if further <= 0 if name.endswith("at_most") else further >= 0:
                allowed = f"further out than `one_step`, {limit.one_step:g}"
                raise field_error((name, "two_steps"), f"{limit.two_steps:g}", allowed)
        return self

    def unknown_names(
        self,
        outcomes: Mapping[str, object],
        levels: Mapping[str, Mapping[str, str] | None],
    ) -> Iterator[PydanticCustomError]:
        """Errors about outcomes, moderators and levels that the protocol does not have."""
        for outcome, interest in self.interest.items():
            if outcome not in outcomes:
                yield unknown_name(("certainty", "interest", outcome), outcome, outcomes)
            for moderator, wanted in interest.moderators.items():
                at: Location = ("certainty", "interest", outcome, "moderators", moderator)
                yield from _unknown_levels(at, at, moderator, wanted, levels)
        if (rule := self.randomised) is not None:
            at = ("certainty", "randomised")
            places = (*at, "moderator"), (*at, "levels")
            yield from _unknown_levels(*places, rule.moderator, rule.levels, levels)


def _unknown_levels(
    at_name: Location,
    at_levels: Location,
    moderator: str,
    wanted: list[str],
    levels: Mapping[str, Mapping[str, str] | None],
) -> Iterator[PydanticCustomError]:
    """Errors about a moderator and levels of it; one of numbers has no levels to name."""
    categorical = {name: known for name, known in levels.items() if known is not None}
    if moderator not in categorical:
        allowed = one_of(moderator, categorical) if categorical else "no name, as none has levels"
        yield field_error(at_name, moderator, allowed)
        return
    for i, level in enumerate(wanted):
        if level not in categorical[moderator]:
            yield unknown_name((*at_levels, i), level, categorical[moderator])
