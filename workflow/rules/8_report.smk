# Stage 8: the page and the summary. Every number in them is looked up in a result table.
# Needs: tables of stages 1, 3, 4, 5, 6, what changed since the last release (stage 9), figures of stage 7, the narrative
# Makes: page.html (one file, works offline), summary.md, claims.csv

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
]
# Kinds of which each outcome has its own.
BY_OUTCOME = ["forest", "specification_curve"]


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
        summary=f"{RESULTS}/5_synthesis/summary.csv",
        contrasts=f"{RESULTS}/5_synthesis/contrasts.csv",
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
        ],
        style="workflow/report/style.css",
        library=library(
            "captions",
            "change_sentences",
            "check_sentences",
            "choice_sentences",
            "claims",
            "conclusion_sentences",
            "contradictions",
            "documents",
            "errors",
            "evidence_sentences",
            "model_sentences",
            "moderator_sentences",
            "moderators",
            "narrative",
            "patterns",
            "prior_explorer",
            "priors",
            "protocol/checks",
            "protocol/decisions",
            "protocol/models",
            "protocol/moderators",
            "protocol/names",
            "protocol/outcomes",
            "protocol/review",
            "protocol/sensitivity",
            "records",
            "report",
            "saving",
            "selection",
            "sentences",
            "statuses",
            "study_records",
            "tables/base",
            "tables/checks",
            "tables/models",
            "tables/records",
            "tables/report",
            "tables/sensitivity",
            "tables/synthesis",
            "tables/updates",
            "varied_outcome",
            "vocabulary",
        ),
    output:
        page=f"{RESULTS}/8_report/page.html",
        summary=f"{RESULTS}/8_report/summary.md",
        claims=f"{RESULTS}/8_report/claims.csv",
    log:
        f"{LOGS}/8_report/render_report.log",
    conda:
        ENVIRONMENT
    script:
        "../scripts/8_report/render_report.py"
