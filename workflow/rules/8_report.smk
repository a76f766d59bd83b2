# Stage 8: the page and the summary. Every number in them is looked up in a result table.
# Needs: tables of stages 1, 3, 4, 5, figures of stage 7, the narrative
# Makes: page.html (one file, works offline), summary.md, claims.csv

FIGURES = ["evidence_map", "densities"] + [f"forest_{outcome}" for outcome in OUTCOMES]


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
        figures=expand(f"{RESULTS}/7_figures/{{figure}}.svg", figure=FIGURES),
        protocol=f"config/reviews/{REVIEW}.yaml",
        narrative=f"{DATA}/narrative.yaml",
        published=f"{DATA}/published.yaml",
        templates=[
            "workflow/report/page.html.j2",
            "workflow/report/summary.md.j2",
            "workflow/report/style.css",
        ],
        library=library(
            "claims",
            "contradictions",
            "documents",
            "errors",
            "model_sentences",
            "moderators",
            "narrative",
            "patterns",
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
            "sentences",
            "statuses",
            "tables/base",
            "tables/checks",
            "tables/models",
            "tables/records",
            "tables/report",
            "tables/synthesis",
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
