# What holds for every rule, and so is set once: its log, environment and message, and when it runs
# again. A step runs again when an input changed (each rule names them), a parameter, its script
# or a module that the script uses; and only then. That is so as well where Snakemake's own records
# were lost: the record of each step stands with the results. Which step reads what: `snakemake -n`
# says why each one would run, and tests/rerun/rerun_matrix.py which ones run after which change.


def complete(step) -> None:
    """Give a rule what every rule has."""
    stage = script_of(step).parent.name
    name = ".".join([step.name, *(f"{{{w}}}" for w in sorted(step.wildcard_names))])
    logs = "logs" if stage == "calibration" else LOGS
    step.log_modifier = workflow.modifier.path_modifier
    step.set_log(f"{logs}/{stage}/{name}.log")
    step.conda_env = "../../envs/analysis.yaml"
    step.message = step.message or step.docstring
    if not step.output:
        return
    # An edit of its code changes the origin of a step, so that it runs again; a mere touch does not.
    step.set_params(
        origin=lambda wildcards: origin_of(maker_of(step, wildcards)).model_dump(),
        reads=lambda wildcards: names_read(maker_of(step, wildcards)),
    )
    # The last output of a step is its record: what it was made from, and checksums of what it
    # wrote.
    if all(below_root(path).startswith(f"{RESULTS}/") for path in step.output):
        record = f"{RESULTS}/{STEP_RECORDS}/{name}.json"
        step.set_output(record=record)
        if not workflow.storage_settings.default_storage_provider:
            step.set_input(run_misfits(step, record))
    # After the checkpoint Snakemake looks again only at steps that read one of its outputs. So each
    # later step has one as input, of which neither age nor content counts. It is named by its path:
    # `ancient(rules.build_terms.output.alternatives)` would mark the file for all who read it.
    if stage[0] in "3456789":
        step.set_input(settled=ancient(f"{RESULTS}/2_effects/alternatives.csv"))
    # The longest chain of steps goes first, from its first link on; what the page needs only at its
    # end can wait.
    if stage[0] in "345":
        step.priority = 2 if step.name.startswith("fit_") else 1


for each in workflow.rules:
    complete(each)
