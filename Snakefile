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


include: "workflow/rules/common.smk"
include: "workflow/rules/interruptions.smk"
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
include: "workflow/rules/reruns.smk"


onstart:
    # An audit looks at the files as they stand.
    if "audit" not in workflow.dag_settings.targets:
        refuse_files_of_the_future([*every_source(None), *every_result(None)])
        discard_former_records(Path(RESULTS))
        refuse_changed_results(Path(RESULTS))
        if workflow.local_exec and sys.platform == "linux":
            sys.executable = start_forking()


onsuccess:
    console.report_success(Path(RESULTS), changed_sources() if console.steps else [])


onerror:
    console.report_failure()


rule all:
    """Build the report page and everything behind it."""
    default_target: True
    input:
        pages=rules.render_report.output.pages,
        summary=rules.render_report.output.summary,
        exported=rules.export_results.output,
        checklists=rules.fill_checklists.output,
        citation=rules.write_citation.output,
        changelog=rules.compare_release.output.changelog,
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
