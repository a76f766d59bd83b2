# Stage 8: the page and the summary, in which every number is looked up in a result table; and
# other forms of the same results.
# Needs: tables of stages 1, 3, 4, 5, 6, what changed since the last release (stage 9), figures
#        (stage 7), the narrative
# Makes: page.html with brief.html, sensitivity.html, checks.html, records.html and methods.html beside
#        it (they work offline), summary.md, claims.csv, emmie.csv;
#        certainty.csv, the certainty of each outcome step by step, and summary_of_findings.csv;
#        toolkit_admission.csv, whether the College of Policing's toolkit would admit the review;
#        tables/ for readers, with data_dictionary.csv; results.json for programs;
#        checklist_<name>.md, citation.txt and citation.bib

from livingreview.report.pages import PAGES

FIGURES = ["evidence_map", "densities", *SENSITIVITY_FIGURES, *CHECK_FIGURES]
FIGURES += CONTRAST_FIGURES
FIGURES_BY_OUTCOME = ["forest", "directions", "specification_curve"]
CHECKLISTS = ["prisma_2020", "barg", "swim"]
PARTS = ["layout", "macros", "glance", "icons", "emmie", "certainty", "certainty_steps"]
PARTS += ["changes", "explorer", "study_records"]
PARTS += ["harms", "sources", "costs", "logic", "word", "glossary"]
TEMPLATES = [*PAGES, *(f"{name}.html" for name in PARTS), "summary.md"]


rule judge_review:
    """Propose a certainty for each outcome step by step; say if a toolkit would admit the review."""
    input:
        studies=rules.extract_records.output.studies,
        effects=rules.extract_records.output.effects,
        flow=rules.extract_records.output.flow,
        precision=rules.measure_precision.output.precision,
        summary=rules.pool_effects.output.summary,
        fixed_weights=rules.join_outcomes.output.fixed_weights,
        unreported=rules.join_outcomes.output.unreported,
        protocol=f"config/reviews/{REVIEW}.yaml",
        narrative=f"{DATA}/narrative.yaml",
    output:
        certainty=f"{RESULTS}/8_report/certainty.csv",
        findings=f"{RESULTS}/8_report/summary_of_findings.csv",
        admission=f"{RESULTS}/8_report/toolkit_admission.csv",
    script:
        "../scripts/8_report/judge_review.py"


rule render_report:
    """Write the pages and the summary, and list every claim with the table cell it came from."""
    input:
        studies=rules.extract_records.output.studies,
        effects=rules.extract_records.output.effects,
        ledger=rules.extract_records.output.ledger,
        moderator_values=rules.extract_records.output.moderator_values,
        conflicts=rules.extract_records.output.conflicts,
        questions=rules.check_records.output.questions,
        precision=rules.measure_precision.output.precision,
        models=expand(f"{RESULTS}/3_models/{{outcome}}.models.csv", outcome=OUTCOMES),
        checks=rules.judge_checks.output.checks,
        unchecked=rules.check_fits.output.unchecked,
        gate=rules.pass_gate.output.gate,
        pooled=rules.pool_effects.output.pooled,
        summary=rules.pool_effects.output.summary,
        sizes_learnt=rules.pool_effects.output.sizes_learnt,
        contrasts=rules.pool_effects.output.contrasts,
        per_1000=rules.pool_effects.output.per_1000,
        conclusions=rules.compare_conclusions.output.conclusions,
        moderators=rules.judge_moderators.output.moderators,
        variations=rules.join_outcomes.output.variations,
        multiverse=rules.join_outcomes.output.multiverse_summary,
        disputed=rules.join_outcomes.output.disputed_moderators,
        told=rules.join_outcomes.output.told,
        clusters=rules.join_outcomes.output.clusters,
        small_studies=rules.join_outcomes.output.small_studies,
        fixed_weights=rules.join_outcomes.output.fixed_weights,
        left_two_out=rules.join_outcomes.output.left_two_out,
        unreported=rules.join_outcomes.output.unreported,
        flipping_bias=rules.join_outcomes.output.flipping_bias,
        next_trial=rules.join_outcomes.output.next_trial,
        next_trial_summary=rules.join_outcomes.output.next_trial_summary,
        certainty=rules.judge_review.output.certainty,
        findings=rules.judge_review.output.findings,
        admission=rules.judge_review.output.admission,
        reading_list=rules.rank_full_texts.output.reading_list,
        changes=f"{RESULTS}/9_audit/changes.csv",
        moves=f"{RESULTS}/9_audit/moves.csv",
        attribution=f"{RESULTS}/9_audit/attribution.csv",
        flow=f"{RESULTS}/9_audit/flow_prisma.csv",
        figures=expand(f"{RESULTS}/7_figures/{{figure}}.svg", figure=FIGURES)
        + expand(
            f"{RESULTS}/7_figures/{{figure}}_{{outcome}}.svg",
            figure=FIGURES_BY_OUTCOME,
            outcome=OUTCOMES,
        ),
        captions=expand(
            "workflow/report/captions/{figure}.rst",
            figure=FIGURES + FIGURES_BY_OUTCOME,
        ),
        protocol=f"config/reviews/{REVIEW}.yaml",
        narrative=f"{DATA}/narrative.yaml",
        published=f"{DATA}/published.yaml",
        templates=expand("workflow/report/{name}.j2", name=TEMPLATES),
        swim="workflow/report/checklists/swim.yaml",
        style="workflow/report/style.css",
    output:
        pages=expand(f"{RESULTS}/8_report/{{page}}", page=PAGES),
        summary=f"{RESULTS}/8_report/summary.md",
        claims=f"{RESULTS}/8_report/claims.csv",
        emmie=f"{RESULTS}/8_report/emmie.csv",
    script:
        "../scripts/8_report/render_report.py"


rule export_results:
    """Write the results for readers, as tables in plain words, and for programs, as one file."""
    input:
        studies=rules.extract_records.output.studies,
        effects=rules.extract_records.output.effects,
        ledger=rules.extract_records.output.ledger,
        flow=rules.extract_records.output.flow,
        findings=rules.judge_review.output.findings,
        certainty=rules.judge_review.output.certainty,
        models=expand(f"{RESULTS}/3_models/{{outcome}}.models.csv", outcome=FITTED),
        checks=rules.judge_checks.output.checks,
        summary=rules.pool_effects.output.summary,
        study_effects=rules.pool_effects.output.study_effects,
        sizes_learnt=rules.pool_effects.output.sizes_learnt,
        contrasts=rules.pool_effects.output.contrasts,
        conclusions=rules.compare_conclusions.output.conclusions,
        moderators=rules.judge_moderators.output.moderators,
        variations=rules.join_outcomes.output.variations,
        all_choices=rules.join_outcomes.output.multiverse_summary,
        left_two_out=rules.join_outcomes.output.left_two_out,
        unreported=rules.join_outcomes.output.unreported,
        flipping_bias=rules.join_outcomes.output.flipping_bias,
        next_trial=rules.join_outcomes.output.next_trial_summary,
        reading_list=rules.rank_full_texts.output.reading_list,
        prisma=f"{RESULTS}/9_audit/flow_prisma.csv",
        run=f"{RESULTS}/9_audit/run_config.yaml",
        protocol=f"config/reviews/{REVIEW}.yaml",
    output:
        results=f"{RESULTS}/8_report/results.json",
        pooled_results=readers_table("tables/pooled_results"),
        study_effects=readers_table("tables/study_effects"),
        moderators=readers_table("tables/moderators"),
        study_characteristics=readers_table("tables/study_characteristics"),
        evidence_ledger=readers_table("tables/evidence_ledger"),
        sensitivity=readers_table("tables/sensitivity"),
        checks=readers_table("tables/checks"),
        dictionary=readers_table("data_dictionary"),
    script:
        "../scripts/8_report/export_results.py"


rule fill_checklists:
    """Fill in the reporting checklists with links to where each item is reported."""
    input:
        checklists=expand("workflow/report/checklists/{name}.yaml", name=CHECKLISTS),
        template="workflow/report/checklist.md.j2",
    output:
        filled=expand(f"{RESULTS}/8_report/checklist_{{name}}.md", name=CHECKLISTS),
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
    params:
        title=lookup(dpath="title", within=CHOICES),
        repository=lambda wildcards: repository_state(),
        review=REVIEW,
    script:
        "../scripts/8_report/write_citation.py"
