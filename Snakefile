"""A living Bayesian evidence review, from study records to a report page.

`snakemake --cores 4` builds the review that config/config.yaml names.
Stages, in order: records, effects, models, checks, synthesis, sensitivity, figures, report, audit.
"""

import os
import sys
from pathlib import Path

from snakemake.utils import min_version

min_version("9.27")

# Workflow and scripts import the package from this tree, whatever else Python knows by its name.
SOURCE = Path(workflow.basedir, "src")
sys.path.insert(0, str(SOURCE))
os.environ |= {"PYTHONPATH": str(SOURCE)}
# Models are compiled by Numba: PyTensor need not search for a BLAS, and warn that there is none.
os.environ.setdefault("PYTENSOR_FLAGS", "blas__ldflags=")

from livingreview.base.console import Console

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
    # A step reruns when its script or a module that it uses changed, and not when one was touched.
    step.set_params(*code_of(script_of(step), SOURCE))
    step.message = step.message or step.docstring
    # Once the checkpoint is done, Snakemake asks each step that has an input from it whether it
    # still must run. So each later step has one; its age and content count for nothing.
    if any(below_root(path).startswith(LATER_STAGES) for path in step.output):
        step.set_input(settled=ancient(f"{RESULTS}/2_effects/alternatives.csv"))
    # The longest chain of steps goes before what the page needs only at its end.
    if any(below_root(path).startswith(LONGEST_CHAIN) for path in step.output):
        step.priority = 1


onstart:
    look_at_results(Path(RESULTS))


onsuccess:
    forget_lost(Path(RESULTS))
    console.report_success(Path(RESULTS))


onerror:
    console.report_failure()


rule all:
    """Build the report page and everything behind it."""
    default_target: True
    input:
        page=f"{RESULTS}/8_report/page.html",
        summary=f"{RESULTS}/8_report/summary.md",
        tables=expand(f"{RESULTS}/8_report/tables/{{name}}.csv", name=READERS_TABLES),
        results=f"{RESULTS}/8_report/results.json",
        checklists=expand(f"{RESULTS}/8_report/checklist_{{name}}.md", name=CHECKLISTS),
        citation=f"{RESULTS}/8_report/citation.txt",
        run=f"{RESULTS}/9_audit/run_config.yaml",
        crate=f"{RESULTS}/ro-crate-metadata.json",
        changelog=f"{RESULTS}/9_audit/changelog.md",
        gate=f"{RESULTS}/4_checks/gate.txt",
        sensitivity=f"{RESULTS}/6_sensitivity/multiverse_summary.csv",
        next_trial=f"{RESULTS}/6_sensitivity/next_trial_summary.csv",
        manifest=f"{RESULTS}/9_audit/manifest.json",
        # Object storage has no folders that could be asked for.
        sources=[] if IN_OBJECT_STORAGE else f"{RESULTS}/9_audit/sources",
        # A result in between that was lost is not missed by Snakemake unless it is asked for.
        every=every_result,
