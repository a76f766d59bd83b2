"""Render the page and the summary; list the claims and the items of the EMMIE card."""

from pathlib import Path

from livingreview.base.documents import read_document, validated
from livingreview.base.errors import told_plainly
from livingreview.base.saving import write_text
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
    inputs = snakemake.input
    results = Path(snakemake.output.page).parent.parent
    models = {
        inputs.studies: Studies,
        inputs.effects: Effects,
        inputs.ledger: Ledger,
        inputs.conflicts: Conflicts,
        inputs.checks: Checks,
        inputs.pooled: Pooled,
        inputs.summary: Summary,
        inputs.contrasts: Contrasts,
        inputs.per_1000: Per1000,
        inputs.conclusions: Conclusions,
        inputs.moderators: Moderators,
        inputs.variations: Variations,
        inputs.multiverse: MultiverseSummary,
        inputs.told: ToldSensitivity,
        inputs.clusters: Clusters,
        inputs.small_studies: SmallStudies,
        inputs.next_trial: NextTrial,
        inputs.next_trial_summary: NextTrialSummary,
        inputs.changes: Changes,
        inputs.moves: Moves,
        inputs.attribution: Attribution,
        inputs.flow: PrismaFlow,
        **dict.fromkeys(inputs.models, Models),
    }
    material = Material(
        protocol=read_protocol(Path(inputs.protocol)),
        narrative=validated(read_document(Path(inputs.narrative)), Narrative),
        published=validated(read_document(Path(inputs.published)), Published),
        tables={
            Path(path).relative_to(results).as_posix(): read_table(path, model)
            for path, model in models.items()
        },
        figures=_texts(inputs.figures),
        captions=_texts(inputs.captions),
        style=Path(inputs.style).read_text(encoding="utf-8"),
    )
    rendered = render(material, Path(inputs.templates[0]).parent)
    write_text(snakemake.output.page, rendered.page)
    write_text(snakemake.output.summary, rendered.summary)
    write_table(snakemake.output.claims, rendered.claims, ClaimsTable)
    write_table(snakemake.output.emmie, rendered.emmie, EmmieItems)


def _texts(paths) -> dict[str, str]:
    """Content of files by their names without ending."""
    return {Path(path).stem: Path(path).read_text(encoding="utf-8") for path in paths}


if __name__ == "__main__":
    with told_plainly(snakemake.log[0]):
        main(snakemake)
