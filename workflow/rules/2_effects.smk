# Stage 2: turn the evidence of each analysed effect into terms of the likelihood.
# Needs: the records, and which route of each effect is analysed (stage 1)
# Makes: <outcome>.csv, one row per likelihood term;
#        <outcome>.moderators.csv, one row per study (or effect, where its effects differ), so that
#        only its own studies refit an outcome;
#        alternatives.csv, the terms of every other route of an analysed effect;
#        <outcome>.precision.csv, people and precision of each analysed effect


checkpoint build_terms:
    """Write likelihood terms and moderators by outcome, and the terms of routes not analysed."""
    input:
        records=RECORDS,
        effects=rules.extract_records.output.effects,
        studies=rules.extract_records.output.studies,
        moderator_values=rules.extract_records.output.moderator_values,
    output:
        terms=expand(f"{RESULTS}/2_effects/{{outcome}}.csv", outcome=OUTCOMES),
        moderators=expand(
            f"{RESULTS}/2_effects/{{outcome}}.moderators.csv", outcome=OUTCOMES
        ),
        alternatives=f"{RESULTS}/2_effects/alternatives.csv",
    params:
        assumed=lookup(dpath="assumed", within=CHOICES),
        levels=lookup(dpath="levels", within=CHOICES),
        domains=list(PROTOCOL.risk_of_bias_domains),
        outcomes=OUTCOMES,
    script:
        "../scripts/2_effects/build_terms.py"


rule measure_precision:
    """Say how many people each effect is of, and what it could have called significant."""
    input:
        terms=rules.build_terms.output.terms,
    output:
        precision=expand(
            f"{RESULTS}/2_effects/{{outcome}}.precision.csv", outcome=OUTCOMES
        ),
    params:
        baselines=lookup(dpath="baseline_priors", within=CHOICES),
    script:
        "../scripts/2_effects/measure_precision.py"
