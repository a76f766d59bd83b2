"""All tables of stage 9 about an update, from the current state and the last release."""

from __future__ import annotations

import pandas as pd

from livingreview.audit.updates.attribution import attribution
from livingreview.audit.updates.changes import changes
from livingreview.audit.updates.comparison import Comparison
from livingreview.audit.updates.moves import moves
from livingreview.audit.updates.prisma import prisma_flow
from livingreview.audit.updates.releases import Release
from livingreview.audit.updates.states import State
from livingreview.tables.table import Table
from livingreview.tables.updates import Attribution, Changes, Moves, PrismaFlow

# Class of each table, by the name of the table in the workflow.
TABLES: dict[str, type[Table]] = {
    "changes": Changes,
    "moves": Moves,
    "attribution": Attribution,
    "flow": PrismaFlow,
}


def update_tables(release: Release | None, current: State) -> dict[str, pd.DataFrame]:
    """Compare the current state with the last release; without one, all but the flow is empty."""
    if release is None:
        empty = {name: model.validate(model.frame([])) for name, model in TABLES.items()}
        return empty | {"flow": prisma_flow(current, None, empty["changes"], empty["moves"])}
    comparison = Comparison(release.date, release.state, current)
    explained, not_explained = attribution(comparison)
    changed = Changes.validate(changes(comparison))
    moved = Moves.validate(moves(comparison, not_explained))
    flow = prisma_flow(current, comparison, changed, moved)
    return {"changes": changed, "moves": moved, "attribution": explained, "flow": flow}
