# Calibration: `make calibrate`. Not part of a review; it asks of every kind of model whether
# its sampler returns the prior that simulated studies were drawn from.
# Needs: nothing but the package
# Makes: results/calibration/ranks/<case>.<part>.csv, quadrature/<way>.<part>.csv, verdicts.csv,
#        quadrature_verdicts.csv, <case>.svg and .png

from livingreview.calibration.names import CASES, WAYS

PARTS = range(RUN["calibration"]["parts"])
CALIBRATION = "results/calibration"


rule rank_truths:
    """Simulate studies from known parameters, fit them, rank each parameter among its draws."""
    output:
        ranks=f"{CALIBRATION}/ranks/{{case}}.{{part}}.csv",
    benchmark:
        "logs/calibration/rank_truths.{case}.{part}.benchmark.tsv"
    wildcard_constraints:
        case="|".join(CASES),
        part=r"\d+",
    resources:
        mem_mb=memory(1500),
        runtime=120,
    params:
        data_sets=lookup(dpath="calibration/data_sets", within=RUN),
        parts=lookup(dpath="calibration/parts", within=RUN),
        seed=lookup(dpath="seed", within=RUN),
    message:
        "Simulate and fit studies with known parameters: {wildcards.case}, part {wildcards.part}."
    script:
        "../scripts/calibration/rank_truths.py"


rule place_truths:
    """Simulate studies from known parameters, integrate them, place each between quantiles."""
    output:
        placed=f"{CALIBRATION}/quadrature/{{way}}.{{part}}.csv",
    benchmark:
        "logs/calibration/place_truths.{way}.{part}.benchmark.tsv"
    wildcard_constraints:
        way="|".join(WAYS),
        part=r"\d+",
    resources:
        mem_mb=memory(1500),
        runtime=120,
    params:
        data_sets=lookup(dpath="calibration/quadrature_data_sets", within=RUN),
        parts=lookup(dpath="calibration/parts", within=RUN),
        seed=lookup(dpath="seed", within=RUN),
    message:
        "Simulate and integrate studies with known parameters: {wildcards.way}, part {wildcards.part}."
    script:
        "../scripts/calibration/place_truths.py"


rule judge_calibration:
    """Test whether the ranks and places of the known parameters are uniform; draw the ranks."""
    input:
        placed=expand(
            f"{CALIBRATION}/quadrature/{{way}}.{{part}}.csv", way=WAYS, part=PARTS
        ),
        ranks=expand(
            f"{CALIBRATION}/ranks/{{case}}.{{part}}.csv", case=CASES, part=PARTS
        ),
    output:
        verdicts=f"{CALIBRATION}/verdicts.csv",
        quadrature=f"{CALIBRATION}/quadrature_verdicts.csv",
        figures=expand(
            f"{CALIBRATION}/{{case}}.{{form}}", case=CASES, form=["svg", "png"]
        ),
    script:
        "../scripts/calibration/judge_calibration.py"
