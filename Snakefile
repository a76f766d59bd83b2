"""A living Bayesian evidence review, from study records to a report page.

`snakemake --cores 4` builds the review that config/config.yaml names.
Stages, in order: records, effects, models, checks, synthesis, sensitivity, figures, report, audit.
"""

import sys
import time
from pathlib import Path

from snakemake.utils import min_version

min_version("9.27")

# Scripts import the package from here; nothing has to be installed.
sys.path.insert(0, str(Path(workflow.basedir) / "src"))
STARTED = time.time()


configfile: "config/config.yaml"


include: "workflow/rules/common.smk"
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


onerror:
    print(told_problems(), file=sys.stderr)


rule all:
    """Build the report page and everything behind it."""
    default_target: True
    input:
        page=f"{RESULTS}/8_report/page.html",
        summary=f"{RESULTS}/8_report/summary.md",
        run=f"{RESULTS}/9_audit/run_config.yaml",
        gate=f"{RESULTS}/4_checks/gate.txt",
        sensitivity=f"{RESULTS}/6_sensitivity/multiverse_summary.csv",
        next_trial=f"{RESULTS}/6_sensitivity/next_trial_summary.csv",
