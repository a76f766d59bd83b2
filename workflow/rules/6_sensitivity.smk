# Stage 6: the pooled effect under every choice that could have been made otherwise.
# Needs: studies, effects, routes and values of moderators (stage 1), terms as planned and of the other routes (stage 2),
#        quadrature.sizes.csv, which says whether the size of an effect is learnt (stage 3)
# Makes, of each outcome (<outcome>.variations.csv) and of all, but for the last:
#        variations.csv, one choice changed at a time, and studies added by year;
#        multiverse.csv, the product of all choices, and multiverse_summary.csv;
#        subsets.csv, every subset of the studies, and clusters.csv, in which they fall;
#        small_studies.csv, whether small studies find something else;
#        fixed_weights.csv, the answer if results went unprinted;
#        left_two_out.csv, the planned analysis without each pair of studies;
#        unreported.csv, how many unreported studies without effect take the direction away;
#        flipping_bias.csv, the bias of studies at high risk that would change the verdict;
#        told.csv, what could not be varied and why;
#        disputed_moderators.csv, models with each value that sources give for a moderator;
#        next_trial.csv, how often a new trial moves the verdict, and next_trial_summary.csv;
#        reading_list.csv, the full texts worth ordering first

# Tables of each outcome, and joined.
VARIED = [
    "variations",
    "multiverse",
    "multiverse_summary",
    "subsets",
    "clusters",
    "small_studies",
    "fixed_weights",
    "left_two_out",
    "unreported",
    "flipping_bias",
    "told",
]
DISPUTED = ["disputed_moderators"]
NEXT_TRIAL = ["next_trial", "next_trial_summary"]


rule vary_choices:
    """Compute pooled effects under all other choices, for one outcome."""
    input:
        terms=f"{RESULTS}/2_effects/{{outcome}}.csv",
        alternatives=rules.build_terms.output.alternatives,
        studies=rules.extract_records.output.studies,
        effects=rules.extract_records.output.effects,
        routes=rules.extract_records.output.routes,
        sizes=rules.integrate_models.output.quadrature_sizes,
    output:
        **tables_of_outcome("6_sensitivity", VARIED),
    benchmark:
        f"{LOGS}/6_sensitivity/vary_choices.{{outcome}}.benchmark.tsv"
    resources:
        mem_mb=memory(1000),
        runtime=15,
    params:
        baseline=lookup(dpath="baseline_priors/{outcome}", within=CHOICES),
        settings=lookup(dpath="baseline_settings/{outcome}", within=CHOICES),
        priors=lookup(dpath="planned_first", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        better=lookup(dpath="better/{outcome}", within=CHOICES),
        sides=lookup(dpath="sides/{outcome}", within=CHOICES),
        sensitivity=lookup(dpath="sensitivity", within=CHOICES),
        decisions=lookup(dpath="decisions", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
        seed=lookup(dpath="seed", within=RUN),
    message:
        "Compute pooled effects under all other choices of {wildcards.outcome}."
    script:
        "../scripts/6_sensitivity/vary_choices.py"


rule vary_moderators:
    """Make models with moderators again with each value that sources give for a disputed one."""
    input:
        terms=f"{RESULTS}/2_effects/{{outcome}}.csv",
        studies=rules.extract_records.output.studies,
        moderator_values=rules.extract_records.output.moderator_values,
        sizes=rules.integrate_models.output.quadrature_sizes,
    output:
        **tables_of_outcome("6_sensitivity", DISPUTED),
    params:
        models=lookup(dpath="specifications", within=CHOICES),
        codings=lookup(dpath="codings", within=CHOICES),
        baseline=lookup(dpath="baseline_priors/{outcome}", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        decisions=lookup(dpath="decisions", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
    message:
        "Make models of {wildcards.outcome} again with each value of a disputed moderator."
    script:
        "../scripts/6_sensitivity/vary_moderators.py"


rule simulate_next_trial:
    """Simulate new trials of an outcome, and how often they move its verdict."""
    input:
        terms=f"{RESULTS}/2_effects/{{outcome}}.csv",
        sizes=rules.integrate_models.output.quadrature_sizes,
    output:
        **tables_of_outcome("6_sensitivity", NEXT_TRIAL),
    benchmark:
        f"{LOGS}/6_sensitivity/simulate_next_trial.{{outcome}}.benchmark.tsv"
    resources:
        mem_mb=memory(1000),
        runtime=15,
    params:
        model=lookup(dpath="specifications/overall", within=CHOICES),
        baseline=lookup(dpath="baseline_priors/{outcome}", within=CHOICES),
        expected=lookup(dpath="expected_baselines/{outcome}", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        plan=lookup(dpath="sensitivity/next_trial", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
        decisions=lookup(dpath="decisions", within=CHOICES),
        seed=lookup(dpath="seed", within=RUN),
    message:
        "Simulate new trials of {wildcards.outcome}, and how often they move its verdict."
    script:
        "../scripts/6_sensitivity/simulate_next_trial.py"


rule join_outcomes:
    """Join the sensitivity tables of all outcomes into one file for each table."""
    input:
        **tables_of_each("6_sensitivity", [*VARIED, *DISPUTED, *NEXT_TRIAL]),
    output:
        **tables_of_all("6_sensitivity", [*VARIED, *DISPUTED, *NEXT_TRIAL]),
    script:
        "../scripts/6_sensitivity/join_outcomes.py"


rule rank_full_texts:
    """Rank the full texts worth ordering by what their counts would do to the pooled effects."""
    input:
        terms=rules.build_terms.output.terms,
        effects=rules.extract_records.output.effects,
        studies=rules.extract_records.output.studies,
        sizes=rules.join_models.output.quadrature_sizes,
    output:
        reading_list=f"{RESULTS}/6_sensitivity/reading_list.csv",
    benchmark:
        f"{LOGS}/6_sensitivity/rank_full_texts.benchmark.tsv"
    resources:
        mem_mb=memory(1000),
        runtime=15,
    params:
        model=lookup(dpath="specifications/overall", within=CHOICES),
        baselines=lookup(dpath="baseline_priors", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        plan=lookup(dpath="sensitivity/reading_list", within=CHOICES),
        decisions=lookup(dpath="decisions", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
        seed=lookup(dpath="seed", within=RUN),
    script:
        "../scripts/6_sensitivity/rank_full_texts.py"
