"""What the normal law of statements from small groups moves, and what the choice of a test does."""

from __future__ import annotations

import pandas as pd

from livingreview.tables.checks import SmallGroups

COMPARED = ("mu", "tau")


def small_groups_table(integrated: pd.DataFrame, laws: pd.DataFrame) -> pd.DataFrame:
    """Compare medians of the exact law with those of the normal law and of Wald's test.

    Parameters
    ----------
    integrated, laws : DataFrame
        Rows of `livingreview.tables.models.IntegratedPooled` and `StatementLaws`.

    Returns
    -------
    DataFrame
        Columns of `SmallGroups`; fits that integration answers with every law.
    """
    keys = ["fit", "quantity"]
    exact = integrated.set_index(keys)
    normal, wald = (laws[laws["law"] == law].set_index(keys) for law in ("normal", "wald"))
    rows = []
    for key in normal.index.intersection(wald.index).intersection(exact.index):
        fit, quantity = key
        if quantity not in COMPARED:
            continue
        middle, sd = exact.loc[key, "q50"], exact.loc[key, "sd"]
        row = {"fit": fit, "quantity": quantity, "exact": middle, "sd": sd}
        row["p_above_zero"] = exact.loc[key, "p_above_zero"]
        for law, table in (("normal", normal), ("wald", wald)):
            row[law] = table.loc[key, "q50"]
            row[f"p_above_zero_{law}"] = table.loc[key, "p_above_zero"]
            row[f"{law}_sds"] = abs(row[law] - middle) / sd
        rows.append(row)
    return SmallGroups.frame(rows)
