"""A living Bayesian evidence review, from study records to a report page.

`snakemake --cores 4` builds the review that config/config.yaml names.
Stages, in order: records, effects, models, checks, synthesis, sensitivity, figures, report, audit.
"""

import os
import sys
from pathlib import Path

from snakemake.utils import min_version

min_version("9.27")

# Workflow and scripts import from this tree, whatever else Python knows by these names.
SOURCE = Path(workflow.basedir, "src")
sys.path[:0] = [str(SOURCE), str(Path(workflow.basedir, "workflow"))]
os.environ |= {"PYTHONPATH": str(SOURCE)}
# PyTensor's own BLAS is not used: do not search for one, nor warn each new user that there is none.
os.environ |= {"PYTENSOR_FLAGS": f"blas__ldflags=,{os.getenv('PYTENSOR_FLAGS', '')}"}

from console import Console

if workflow.is_main_process:
    shown = workflow.output_settings
    console = Console.attach(details=shown.verbose or shown.debug_dag)


configfile: "config/config.yaml"


report: "workflow/report/overview.rst"


include: "workflow/rules/interruptions.smk"
include: "workflow/rules/common.smk"
include: "workflow/rules/provenance.smk"
include: "workflow/rules/1_records.smk"
include: "workflow/rules/2_effects.smk"
include: "workflow/rules/3_models.smk"
include: "workflow/rules/4_checks.smk"
include: "workflow/rules/5_synthesis.smk"
include: "workflow/rules/6_sensitivity.smk"
include: "workflow/rules/7_figures.smk"
include: "workflow/rules/8_report.smk"
include: "workflow/rules/9_audit.smk"
include: "workflow/rules/calibration.smk"


for step in workflow.rules:
    # What holds for every rule. A step reruns when its script or a module that it uses changed,
    # and not when one was touched.
    stage = script_of(step).parent.name
    name = ".".join([step.name, *(f"{{{w}}}" for w in sorted(step.wildcard_names))])
    step.set_params(*code_of(script_of(step), SOURCE))
    step.conda_env = "../../envs/analysis.yaml"
    step.message = step.message or step.docstring
    step.log_modifier = workflow.modifier.path_modifier
    step.set_log(f"{'logs' if stage == 'calibration' else LOGS}/{stage}/{name}.log")
    # Written last, with the checksums of what the step wrote; gone when all of that is.
    if step.output and all(
        below_root(path).startswith(f"{RESULTS}/") for path in step.output
    ):
        record = f"{RESULTS}/{STEP_RECORDS}/{name}.json"
        fleeting = all(is_flagged(path, "temp") for path in step.output)
        step.set_output(record=temp(record) if fleeting else record)
    # Once the checkpoint is done, Snakemake asks each step that has an input from it whether it
    # still must run. So each later step has one; its age and content count for nothing.
    if step.output and stage[0] in "3456789":
        # Not by way of `rules`: `ancient` would hold for all who read the same file so.
        step.set_input(settled=ancient(f"{RESULTS}/2_effects/alternatives.csv"))
    # The longest chain of steps goes before what the page needs only at its end.
    if stage[0] in "345":
        step.priority = 1


onstart:
    refuse_changed_results(Path(RESULTS))


onsuccess:
    console.report_success(Path(RESULTS))


onerror:
    console.report_failure()


rule all:
    """Build the report page and everything behind it."""
    default_target: True
    input:
        page=rules.render_report.output.page,
        summary=rules.render_report.output.summary,
        tables=rules.write_tables.output,
        results=rules.export_results.output.results,
        checklists=rules.fill_checklists.output,
        citation=rules.write_citation.output,
        changelog=rules.draft_changelog.output.changelog,
        manifest=rules.write_manifest.output.manifest,
        crate=rules.write_crate.output.metadata,
        # Object storage has no folders that could be asked for.
        sources=(
            []
            if workflow.storage_settings.default_storage_provider
            else rules.write_crate.output.sources
        ),
        # A result in between that was lost is not missed by Snakemake unless it is asked for.
        every=every_result,
