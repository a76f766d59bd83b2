# Stage 6: the pooled effect under every choice that could have been made otherwise.
# Needs: studies (stage 1), terms as planned and of the other routes (stage 2)
# Makes: variations.csv, one choice changed at a time, and studies added by year;
#        multiverse.csv, the product of all choices, and multiverse_summary.csv;
#        subsets.csv, every subset of the studies; told.csv, what could not be varied and why


rule vary_choices:
    """Integrate every variation, specification and subset of each outcome, in one process."""
    input:
        terms=expand(f"{RESULTS}/2_effects/{{outcome}}.csv", outcome=OUTCOMES),
        alternatives=f"{RESULTS}/2_effects/alternatives.csv",
        studies=f"{RESULTS}/1_records/studies.csv",
        library=library(
            "contradictions",
            "dataset",
            "documents",
            "errors",
            "evidence/baselines",
            "evidence/clusters",
            "evidence/conflicts",
            "evidence/counts",
            "evidence/estimates",
            "evidence/findings",
            "evidence/means",
            "evidence/percentages",
            "evidence/preference",
            "evidence/ranges",
            "evidence/route",
            "evidence/smd",
            "evidence/splits",
            "evidence/statements",
            "evidence/tests",
            "extraction",
            "moderators",
            "patterns",
            "priors",
            "protocol/models",
            "protocol/moderators",
            "protocol/outcomes",
            "protocol/sensitivity",
            "quadrature/coefficient",
            "quadrature/engine",
            "quadrature/heterogeneity",
            "quadrature/marginals",
            "quadrature/normal",
            "quadrature/pooled_effect",
            "quadrature/study_likelihoods",
            "quadrature/study_tables",
            "records",
            "saving",
            "sensitivity",
            "sensitivity_tables",
            "specification",
            "statuses",
            "tables/base",
            "tables/effects",
            "tables/records",
            "tables/sensitivity",
            "terms",
            "two_by_two",
            "vocabulary",
        ),
    output:
        variations=f"{RESULTS}/6_sensitivity/variations.csv",
        multiverse=f"{RESULTS}/6_sensitivity/multiverse.csv",
        summary=f"{RESULTS}/6_sensitivity/multiverse_summary.csv",
        subsets=f"{RESULTS}/6_sensitivity/subsets.csv",
        told=f"{RESULTS}/6_sensitivity/told.csv",
    log:
        f"{LOGS}/6_sensitivity/vary_choices.log",
    benchmark:
        f"{LOGS}/6_sensitivity/vary_choices.benchmark.tsv"
    conda:
        ENVIRONMENT
    params:
        baselines=lookup(dpath="baseline_priors", within=CHOICES),
        settings=lookup(dpath="baseline_settings", within=CHOICES),
        priors=lookup(dpath="planned_first", within=CHOICES),
        sensitivity=lookup(dpath="sensitivity", within=CHOICES),
        practically_none=lookup(
            dpath="decisions/practically_none_odds_ratio", within=CHOICES
        ),
        seed=lookup(dpath="seed", within=RUN),
    script:
        "../scripts/6_sensitivity/vary_choices.py"
