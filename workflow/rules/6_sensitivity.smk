# Stage 6: the pooled effect under every choice that could have been made otherwise.
# Needs: studies, effects, routes and values of moderators (stage 1), terms as planned and of the other routes (stage 2),
#        quadrature.sizes.csv, which says whether the size of an effect is learnt (stage 3)
# Makes: variations.csv, one choice changed at a time, and studies added by year;
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


# Number of jobs that the outcomes are divided among. On two cores, more jobs lose more time with
# starting Python than they save; a cluster may use `--set-scatter outcomes=3`. No result changes.
scattergather:
    outcomes=1,


rule vary_choices:
    """Compute pooled effects under all other choices, for a part of the outcomes."""
    input:
        terms=rules.build_terms.output.terms,
        alternatives=rules.build_terms.output.alternatives,
        studies=rules.extract_records.output.studies,
        effects=rules.extract_records.output.effects,
        routes=rules.extract_records.output.routes,
        sizes=rules.integrate_models.output.sizes,
    output:
        variations=temp(f"{RESULTS}/6_sensitivity/{{scatteritem}}.variations.csv"),
        multiverse=temp(f"{RESULTS}/6_sensitivity/{{scatteritem}}.multiverse.csv"),
        summary=temp(f"{RESULTS}/6_sensitivity/{{scatteritem}}.multiverse_summary.csv"),
        subsets=temp(f"{RESULTS}/6_sensitivity/{{scatteritem}}.subsets.csv"),
        clusters=temp(f"{RESULTS}/6_sensitivity/{{scatteritem}}.clusters.csv"),
        small_studies=temp(f"{RESULTS}/6_sensitivity/{{scatteritem}}.small_studies.csv"),
        fixed_weights=temp(f"{RESULTS}/6_sensitivity/{{scatteritem}}.fixed_weights.csv"),
        left_two_out=temp(f"{RESULTS}/6_sensitivity/{{scatteritem}}.left_two_out.csv"),
        unreported=temp(f"{RESULTS}/6_sensitivity/{{scatteritem}}.unreported.csv"),
        flipping_bias=temp(f"{RESULTS}/6_sensitivity/{{scatteritem}}.flipping_bias.csv"),
        told=temp(f"{RESULTS}/6_sensitivity/{{scatteritem}}.told.csv"),
    benchmark:
        f"{LOGS}/6_sensitivity/vary_choices.{{scatteritem}}.benchmark.tsv"
    resources:
        mem_mb=memory(1000),
        runtime=15,
    params:
        baselines=lookup(dpath="baseline_priors", within=CHOICES),
        settings=lookup(dpath="baseline_settings", within=CHOICES),
        priors=lookup(dpath="planned_first", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        better=lookup(dpath="better", within=CHOICES),
        sides=lookup(dpath="sides", within=CHOICES),
        sensitivity=lookup(dpath="sensitivity", within=CHOICES),
        decisions=lookup(dpath="decisions", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
        seed=lookup(dpath="seed", within=RUN),
    message:
        "Compute pooled effects under all other choices (outcomes, part {wildcards.scatteritem})."
    script:
        "../scripts/6_sensitivity/vary_choices.py"


rule join_outcomes:
    """Join the sensitivity tables of all parts of the outcomes into one file for each table."""
    input:
        shares=gather.outcomes(
            f"{RESULTS}/6_sensitivity/{{scatteritem}}.{{table}}.csv", table=VARIED
        ),
        # Its record names what the parts were made from, as they are not kept.
        read_by_parts=rules.vary_choices.input,
    output:
        **{table: f"{RESULTS}/6_sensitivity/{table}.csv" for table in VARIED},
    params:
        tables=VARIED,
    script:
        "../scripts/6_sensitivity/join_outcomes.py"


rule vary_moderators:
    """Make models with moderators again with each value that sources give for a disputed one."""
    input:
        terms=rules.build_terms.output.terms,
        studies=rules.extract_records.output.studies,
        moderator_values=rules.extract_records.output.moderator_values,
        sizes=rules.integrate_models.output.sizes,
    output:
        disputed=f"{RESULTS}/6_sensitivity/disputed_moderators.csv",
    params:
        models=lookup(dpath="specifications", within=CHOICES),
        codings=lookup(dpath="codings", within=CHOICES),
        baselines=lookup(dpath="baseline_priors", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        decisions=lookup(dpath="decisions", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
    script:
        "../scripts/6_sensitivity/vary_moderators.py"


rule simulate_next_trial:
    """Simulate new trials of each outcome, and how often they move its verdict."""
    input:
        terms=rules.build_terms.output.terms,
        sizes=rules.integrate_models.output.sizes,
    output:
        chances=f"{RESULTS}/6_sensitivity/next_trial.csv",
        summary=f"{RESULTS}/6_sensitivity/next_trial_summary.csv",
    benchmark:
        f"{LOGS}/6_sensitivity/simulate_next_trial.benchmark.tsv"
    resources:
        mem_mb=memory(1000),
        runtime=15,
    params:
        model=lookup(dpath="specifications/overall", within=CHOICES),
        baselines=lookup(dpath="baseline_priors", within=CHOICES),
        expected=lookup(dpath="expected_baselines", within=CHOICES),
        sampling_correlation=lookup(dpath="sampling_correlation", within=CHOICES),
        plan=lookup(dpath="sensitivity/next_trial", within=CHOICES),
        measure=lookup(dpath="measure", within=CHOICES),
        decisions=lookup(dpath="decisions", within=CHOICES),
        seed=lookup(dpath="seed", within=RUN),
    script:
        "../scripts/6_sensitivity/simulate_next_trial.py"


rule rank_full_texts:
    """Rank the full texts worth ordering by what their counts would do to the pooled effects."""
    input:
        terms=rules.build_terms.output.terms,
        effects=rules.extract_records.output.effects,
        studies=rules.extract_records.output.studies,
        sizes=rules.integrate_models.output.sizes,
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
