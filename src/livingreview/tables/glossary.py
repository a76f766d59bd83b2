"""Columns that mean the same in every table that has them.

A column that is described where it stands needs no entry here. θ is the log of an odds or rate
ratio, or a mean difference, as the outcome's measure says.
"""

COMMON = {
    "study_id": "Name of the study, as its record is named.",
    "effect_id": "One study, one outcome, one comparison: `study/outcome`.",
    "outcome": "Name of the outcome, as in the protocol.",
    "model": "Name of the model, as in the protocol.",
    "fit": "A model on an outcome: `outcome/model`.",
    "setting": "`all_studies`, or a moderator at a level, such as `design=experimental`.",
    "quantity": "`mu` pooled effect, `tau` spread, `theta_new` effect in a new setting; or a"
    " coefficient or a derived quantity.",
    "status": "What became of it.",
    "reason": "Why, in words.",
    "studies": "Number of studies.",
    "mean": "Posterior mean of the quantity, scale of θ.",
    "sd": "Posterior standard deviation, scale of θ.",
    "q2_5": "Quantile at 2.5%, scale of θ: low end of the 95% interval.",
    "q5": "Quantile at 5%, scale of θ.",
    "q50": "Median, scale of θ.",
    "q95": "Quantile at 95%, scale of θ.",
    "q97_5": "Quantile at 97.5%, scale of θ: high end of the 95% interval.",
    "p_above_zero": "Posterior probability that the quantity is above 0.",
    "p_below_zero": "Posterior probability that the quantity is below 0.",
    "p_practically_none": "Posterior probability that the effect is within the protocol's"
    " limits of practically no difference.",
    "ess_bulk": "Effective number of draws for its middle; empty where integrated.",
    "ess_tail": "Effective number of draws for its tails; empty where integrated.",
    "r_hat": "Ratio of spreads between and within chains; 1 when they agree.",
    "tau": "Standard deviation of effects between studies, scale of θ, median.",
    "comparison_low": "Low end of the 95% interval of the comparison.",
    "comparison_high": "High end of the 95% interval of the comparison.",
    "verdict_words": "The verdict as the report words it.",
    "assumption": "What had to be assumed to use it; empty when nothing.",
    "formula": "Name of the formula; docs/methods.md has them.",
    "case": "Kind of model that was calibrated.",
    "data_set": "Number of the simulated data set.",
    "data_sets": "Number of simulated data sets.",
    "p_value": "Of a test that ranks of the truth are evenly spread.",
    "calibrated": "Whether that test passes, allowing for the number of quantities.",
    "divergences": "Transitions of the sampler that diverged.",
}
