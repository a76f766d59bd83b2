# Stage 1: read the study records, refuse what is wrong in them, and list what they hold.
# Needs: data/raw/<review>/studies/*.yaml, narrative.yaml and published.yaml beside them
# Makes: checked.txt, questions.csv, studies.csv, effects.csv, routes.csv, ledger.csv, moderator_values.csv,
#        conflicts.csv, flow.csv


rule check_records:
    """Check every record and the narrative, and ask about odd values; a mistake stops here."""
    input:
        records=RECORDS,
        narrative=f"{DATA}/narrative.yaml",
        published=f"{DATA}/published.yaml",
    output:
        checked=f"{RESULTS}/1_records/checked.txt",
        questions=f"{RESULTS}/1_records/questions.csv",
    params:
        review=REVIEW,
        records=RECORDS,
        assumed=lookup(dpath="assumed", within=CHOICES),
        levels=lookup(dpath="levels", within=CHOICES),
        codings=lookup(dpath="codings", within=CHOICES),
        limits=lookup(dpath="plausibility", within=CHOICES),
        results=PROTOCOL.result_names(),
        domains=lookup(dpath="risk_of_bias_domains", within=CHOICES),
    script:
        "../scripts/1_records/check_records.py"


rule extract_records:
    """List studies, effects, the routes to each, reported values, conflicts, and the flow."""
    input:
        checked=rules.check_records.output.checked,
        questions=rules.check_records.output.questions,
        records=RECORDS,
    output:
        studies=f"{RESULTS}/1_records/studies.csv",
        effects=f"{RESULTS}/1_records/effects.csv",
        routes=f"{RESULTS}/1_records/routes.csv",
        ledger=f"{RESULTS}/1_records/ledger.csv",
        moderator_values=f"{RESULTS}/1_records/moderator_values.csv",
        conflicts=f"{RESULTS}/1_records/conflicts.csv",
        flow=f"{RESULTS}/1_records/flow.csv",
    params:
        records=RECORDS,
        assumed=lookup(dpath="assumed", within=CHOICES),
        levels=lookup(dpath="levels", within=CHOICES),
        moderators=list(PROTOCOL.moderators),
        domains=list(PROTOCOL.risk_of_bias_domains),
    script:
        "../scripts/1_records/extract_records.py"
