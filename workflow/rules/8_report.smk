# Stage 8: the page and the summary, in which every number is looked up in a result table; and other
# forms of the same results.
# Needs: tables of stages 1, 3, 4, 5, 6, what changed since the last release (stage 9), figures of stage 7, the narrative
# Makes: page.html (one file, works offline), summary.md, claims.csv, emmie.csv; tables/ for readers with
#        data_dictionary.csv, results.json for programs, checklist_<name>.md, citation.txt and .bib

FIGURES = [
    "evidence_map",
    "densities",
    "leave_one_out",
    "cumulative",
    "subsets",
    "funnel",
    "next_trial",
    "ranks",
    "predictive",
    "influence",
    "priors",
] + (["contrasts"] if CONTRASTS else [])
# Kinds of which each outcome has its own.
BY_OUTCOME = ["forest", "specification_curve"]
READERS_TABLES = [
    "pooled_results",
    "study_effects",
    "moderators",
    "study_characteristics",
    "evidence_ledger",
    "sensitivity",
    "checks",
]
CHECKLISTS = ["prisma_2020", "barg"]


rule render_report:
    """Compose the page and the summary, and list every claim with the cell it came from."""
    input:
        studies=f"{RESULTS}/1_records/studies.csv",
        effects=f"{RESULTS}/1_records/effects.csv",
        ledger=f"{RESULTS}/1_records/ledger.csv",
        conflicts=f"{RESULTS}/1_records/conflicts.csv",
        models=expand(f"{RESULTS}/3_models/{{outcome}}.models.csv", outcome=OUTCOMES),
        checks=f"{RESULTS}/4_checks/checks.csv",
        gate=f"{RESULTS}/4_checks/gate.txt",
        pooled=f"{RESULTS}/5_synthesis/pooled.csv",
        summary=f"{RESULTS}/5_synthesis/summary.csv",
        contrasts=f"{RESULTS}/5_synthesis/contrasts.csv",
        per_1000=f"{RESULTS}/5_synthesis/per_1000.csv",
        conclusions=f"{RESULTS}/5_synthesis/conclusions.csv",
        moderators=f"{RESULTS}/5_synthesis/moderators.csv",
        variations=f"{RESULTS}/6_sensitivity/variations.csv",
        multiverse=f"{RESULTS}/6_sensitivity/multiverse_summary.csv",
        told=f"{RESULTS}/6_sensitivity/told.csv",
        clusters=f"{RESULTS}/6_sensitivity/clusters.csv",
        small_studies=f"{RESULTS}/6_sensitivity/small_studies.csv",
        next_trial=f"{RESULTS}/6_sensitivity/next_trial.csv",
        next_trial_summary=f"{RESULTS}/6_sensitivity/next_trial_summary.csv",
        changes=f"{RESULTS}/9_audit/changes.csv",
        moves=f"{RESULTS}/9_audit/moves.csv",
        attribution=f"{RESULTS}/9_audit/attribution.csv",
        flow=f"{RESULTS}/9_audit/flow_prisma.csv",
        figures=expand(f"{RESULTS}/7_figures/{{figure}}.svg", figure=FIGURES)
        + expand(
            f"{RESULTS}/7_figures/{{kind}}_{{outcome}}.svg",
            kind=BY_OUTCOME,
            outcome=OUTCOMES,
        ),
        captions=expand(
            "workflow/report/captions/{figure}.rst", figure=FIGURES + BY_OUTCOME
        ),
        protocol=f"config/reviews/{REVIEW}.yaml",
        narrative=f"{DATA}/narrative.yaml",
        published=f"{DATA}/published.yaml",
        templates=[
            "workflow/report/page.html.j2",
            "workflow/report/summary.md.j2",
            "workflow/report/changes.html.j2",
            "workflow/report/records.html.j2",
            "workflow/report/explorer.html.j2",
            "workflow/report/emmie.html.j2",
            "workflow/report/glance.html.j2",
            "workflow/report/icons.html.j2",
        ],
        style="workflow/report/style.css",
    output:
        page=f"{RESULTS}/8_report/page.html",
        summary=f"{RESULTS}/8_report/summary.md",
        claims=f"{RESULTS}/8_report/claims.csv",
        emmie=f"{RESULTS}/8_report/emmie.csv",
    log:
        f"{LOGS}/8_report/render_report.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/8_report/render_report.py"


rule write_tables:
    """Write the tables that readers want under plain headings, and a dictionary of all columns."""
    input:
        studies=f"{RESULTS}/1_records/studies.csv",
        effects=f"{RESULTS}/1_records/effects.csv",
        ledger=f"{RESULTS}/1_records/ledger.csv",
        checks=f"{RESULTS}/4_checks/checks.csv",
        summary=f"{RESULTS}/5_synthesis/summary.csv",
        study_effects=f"{RESULTS}/5_synthesis/study_effects.csv",
        moderators=f"{RESULTS}/5_synthesis/moderators.csv",
        variations=f"{RESULTS}/6_sensitivity/variations.csv",
        protocol=f"config/reviews/{REVIEW}.yaml",
    output:
        pooled_results=report(
            f"{RESULTS}/8_report/tables/pooled_results.csv",
            caption="../report/captions/tables/pooled_results.rst",
            category="Tables",
            labels={"table": "Pooled results"},
        ),
        study_effects=report(
            f"{RESULTS}/8_report/tables/study_effects.csv",
            caption="../report/captions/tables/study_effects.rst",
            category="Tables",
            labels={"table": "Study effects"},
        ),
        moderators=report(
            f"{RESULTS}/8_report/tables/moderators.csv",
            caption="../report/captions/tables/moderators.rst",
            category="Tables",
            labels={"table": "Moderators"},
        ),
        study_characteristics=report(
            f"{RESULTS}/8_report/tables/study_characteristics.csv",
            caption="../report/captions/tables/study_characteristics.rst",
            category="Tables",
            labels={"table": "Study characteristics"},
        ),
        evidence_ledger=report(
            f"{RESULTS}/8_report/tables/evidence_ledger.csv",
            caption="../report/captions/tables/evidence_ledger.rst",
            category="Tables",
            labels={"table": "Evidence ledger"},
        ),
        sensitivity=report(
            f"{RESULTS}/8_report/tables/sensitivity.csv",
            caption="../report/captions/tables/sensitivity.rst",
            category="Tables",
            labels={"table": "Sensitivity"},
        ),
        checks=report(
            f"{RESULTS}/8_report/tables/checks.csv",
            caption="../report/captions/tables/checks.rst",
            category="Tables",
            labels={"table": "Checks"},
        ),
        dictionary=report(
            f"{RESULTS}/8_report/data_dictionary.csv",
            caption="../report/captions/tables/data_dictionary.rst",
            category="Tables",
            labels={"table": "Data dictionary"},
        ),
    log:
        f"{LOGS}/8_report/write_tables.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/8_report/write_tables.py"


rule export_results:
    """Write the results for other programs: rows of the result tables, as one JSON file."""
    input:
        flow=f"{RESULTS}/1_records/flow.csv",
        models=expand(f"{RESULTS}/3_models/{{outcome}}.models.csv", outcome=FITTED),
        warnings=f"{RESULTS}/4_checks/checks.csv",
        settings=f"{RESULTS}/5_synthesis/summary.csv",
        contrasts=f"{RESULTS}/5_synthesis/contrasts.csv",
        conclusions=f"{RESULTS}/5_synthesis/conclusions.csv",
        moderators=f"{RESULTS}/5_synthesis/moderators.csv",
        variations=f"{RESULTS}/6_sensitivity/variations.csv",
        all_choices=f"{RESULTS}/6_sensitivity/multiverse_summary.csv",
        next_trial=f"{RESULTS}/6_sensitivity/next_trial_summary.csv",
        prisma=f"{RESULTS}/9_audit/flow_prisma.csv",
        run=f"{RESULTS}/9_audit/run_config.yaml",
        protocol=f"config/reviews/{REVIEW}.yaml",
    output:
        results=f"{RESULTS}/8_report/results.json",
    log:
        f"{LOGS}/8_report/export_results.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/8_report/export_results.py"


rule fill_checklists:
    """Fill in the reporting checklists with links to where each item is reported."""
    input:
        checklists=expand("workflow/report/checklists/{name}.yaml", name=CHECKLISTS),
        template="workflow/report/checklist.md.j2",
    output:
        expand(f"{RESULTS}/8_report/checklist_{{name}}.md", name=CHECKLISTS),
    log:
        f"{LOGS}/8_report/fill_checklists.log",
    conda:
        ENVIRONMENT
    params:
        title=lookup(dpath="title", within=CHOICES),
    script:
        "../scripts/8_report/fill_checklists.py"


rule write_citation:
    """Write how to cite this state of the review, as text and for BibTeX."""
    input:
        citation="CITATION.cff",
    output:
        text=f"{RESULTS}/8_report/citation.txt",
        bibtex=f"{RESULTS}/8_report/citation.bib",
    log:
        f"{LOGS}/8_report/write_citation.log",
    conda:
        ENVIRONMENT
    params:
        title=lookup(dpath="title", within=CHOICES),
        repository=lambda wildcards: repository_state(),
        review=REVIEW,
    script:
        "../scripts/8_report/write_citation.py"
