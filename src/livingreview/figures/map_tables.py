"""Studies and effects of the map of the evidence, with what each row is drawn from."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from livingreview.figures.marks import Mark
from livingreview.figures.widths import root_widths
from livingreview.figures.wording import OutcomeWords
from livingreview.tables.statuses import ANALYSED

COUNTRY, UNPLACED = "moderator_country", "country not on record"
# Direction that is the opposite of the hoped one.
UNHOPED = {"lower": "increase", "higher": "decrease"}


@dataclass(frozen=True)
class MapTables:
    """What the map is drawn from.

    Attributes
    ----------
    studies, effects, precision : DataFrame
        Columns of the classes `Studies`, `Effects` and `Precision`, of all outcomes.
    countries : dict of str
        Label of each country, as the protocol words it; may be empty.
    """

    studies: pd.DataFrame
    effects: pd.DataFrame
    precision: pd.DataFrame
    countries: dict[str, str]

    @property
    def country_of_studies(self) -> pd.Series:
        """Country of each study in words; empty where the protocol asks for none."""
        if not self.countries:
            return pd.Series("", self.studies.index)
        return self.studies[COUNTRY].map(self.countries).fillna(UNPLACED)

    @property
    def usual_country(self) -> str:
        """Country of most studies with an effect that is weighed."""
        weighed = self.effects.loc[self.effects["status"] == ANALYSED, "study_id"]
        of_weighed = self.country_of_studies[self.studies["study_id"].isin(weighed)]
        return str(of_weighed.mode().get(0, ""))


def mapped_studies(tables: MapTables) -> pd.DataFrame:
    """Studies by year, with their `standing`, and `place`: the country, if it is not the usual."""
    country = tables.country_of_studies
    place = (", " + country).where(country != tables.usual_country, "")
    studies = tables.studies.assign(place=place).rename(columns={"status": "standing"})
    studies = studies.sort_values(["year", "label"], kind="stable")
    return studies[["study_id", "label", "year", "standing", "place"]]


def mapped_effects(tables: MapTables, outcomes: dict[str, OutcomeWords]) -> pd.DataFrame:
    """Effects in the order of their studies, with what their rows show.

    `mark` stands for it; `share` is its width as a share of the widest; `months` is empty where no
    effect that is weighed has any; `harm` says whether it is called significant in the direction
    that nobody hopes for.
    """
    effects = mapped_studies(tables).merge(tables.effects, on="study_id")
    columns = ["effect_id", "people", "people_known"]
    effects = effects.merge(tables.precision[columns], on="effect_id", how="left")
    months = effects["follow_up_months"]
    known = months[effects["status"] == ANALYSED].notna().any()
    words = [outcomes[outcome] for outcome in effects["outcome"]]
    rows = list(zip((row for _, row in effects.iterrows()), words, strict=True))
    return effects.assign(
        mark=[Mark.of(effect, of) for effect, of in rows],
        harm=pd.Series([_is_harm(effect, of) for effect, of in rows], effects.index, bool),
        share=root_widths(effects["people"], 1.0),
        months=months.map("{:g}".format).replace("nan", "?") if known else "",
    )


def _is_harm(effect: pd.Series, words: OutcomeWords) -> bool:
    unhoped = effect["direction"] == UNHOPED[words.better]
    return bool(unhoped and effect["significance"] == "significant")
