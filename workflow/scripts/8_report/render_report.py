"""Render the page and the summary; list the claims and the items of the EMMIE card."""

from pathlib import Path

from livingreview.base.documents import read_document
from livingreview.base.errors import told_plainly
from livingreview.base.saving import write_text
from livingreview.base.validation import validated
from livingreview.protocol.review import read_protocol
from livingreview.records.narrative import Narrative, Published
from livingreview.report.page import Material, render
from livingreview.tables.checks import Checks
from livingreview.tables.models import Models, Pooled
from livingreview.tables.records import Conflicts, Effects, Ledger, Studies
from livingreview.tables.report import ClaimsTable, EmmieItems
from livingreview.tables.sensitivity import (
    Clusters,
    MultiverseSummary,
    NextTrial,
    NextTrialSummary,
    SmallStudies,
    ToldSensitivity,
    Variations,
)
from livingreview.tables.synthesis import Conclusions, Contrasts, Moderators, Per1000, Summary
from livingreview.tables.table import read_table, write_table
from livingreview.tables.updates import Attribution, Changes, Moves, PrismaFlow


def main(snakemake) -> None:
    """Read everything that the report shows, render, write."""
    given = snakemake.input
    results = Path(snakemake.output.page).parent.parent
    models = {
        given.studies: Studies,
        given.effects: Effects,
        given.ledger: Ledger,
        given.conflicts: Conflicts,
        given.checks: Checks,
        given.pooled: Pooled,
        given.summary: Summary,
        given.contrasts: Contrasts,
        given.per_1000: Per1000,
        given.conclusions: Conclusions,
        given.moderators: Moderators,
        given.variations: Variations,
        given.multiverse: MultiverseSummary,
        given.told: ToldSensitivity,
        given.clusters: Clusters,
        given.small_studies: SmallStudies,
        given.next_trial: NextTrial,
        given.next_trial_summary: NextTrialSummary,
        given.changes: Changes,
        given.moves: Moves,
        given.attribution: Attribution,
        given.flow: PrismaFlow,
        **dict.fromkeys(given.models, Models),
    }
    material = Material(
        protocol=read_protocol(Path(given.protocol)),
        narrative=validated(read_document(Path(given.narrative)), Narrative),
        published=validated(read_document(Path(given.published)), Published),
        tables={
            Path(path).relative_to(results).as_posix(): read_table(path, model)
            for path, model in models.items()
        },
        figures={Path(path).stem: Path(path).read_text(encoding="utf-8") for path in given.figures},
        captions={
            Path(path).stem: Path(path).read_text(encoding="utf-8") for path in given.captions
        },
        style=Path(given.style).read_text(encoding="utf-8"),
    )
    rendered = render(material, Path(given.templates[0]).parent)
    write_text(snakemake.output.page, rendered.page)
    write_text(snakemake.output.summary, rendered.summary)
    write_table(snakemake.output.claims, rendered.claims, ClaimsTable)
    write_table(snakemake.output.emmie, rendered.emmie, EmmieItems)


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
