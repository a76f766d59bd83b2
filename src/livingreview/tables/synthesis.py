"""Tables of stage 5: posteriors on the scales that people read."""

from __future__ import annotations

from livingreview.tables.models import SizeEvidence
from livingreview.tables.table import Column, Count, Effect, Probability, Share, Table


class StudyEffects(Table, file="5_synthesis/study_effects.csv"):
    """One row per fit and effect: its posterior on the scale of θ."""

    fit: str
    outcome: str
    model: str
    effect_id: str
    study_id: str
    size_learnt: bool = Column(
        "Whether the size of the outcome's pooled effect, to which these are drawn, is learnt."
    )
    mean: float = Column(size=True)
    sd: float = Column(ge=0)
    q2_5: float = Column(size=True)
    q50: float = Column(size=True)
    q97_5: float = Column(size=True)
    p_above_zero: float = Probability()


class Summary(Table, file="5_synthesis/summary.csv"):
    """One row per fit and setting, in the words and units of the report."""

    fit: str
    outcome: str
    model: str
    setting: str
    engine: str = Column(
        "What the row is from: numerical integration where it serves, else sampling.",
        isin=["nuts", "quadrature"],
    )
    studies: int = Count("Studies in that setting.", ge=0)
    size_learnt: bool = Column(
        "Whether the size is learnt from the studies; where not, this table has none."
    )
    effect: float = Effect(
        "Pooled effect, median; above no difference means more of the outcome. Empty where not"
        " learnt.",
        nullable=True,
        size=True,
    )
    effect_low: float = Effect("Low end of its 95% interval.", nullable=True, size=True)
    effect_high: float = Effect("High end of its 95% interval.", nullable=True, size=True)
    new_setting_low: float = Effect(
        "Low end of the 95% prediction interval of the effect in a new setting.",
        nullable=True,
        size=True,
    )
    new_setting_high: float = Effect("High end of that interval.", nullable=True, size=True)
    tau: float = Column(ge=0, style="plain")
    tau_low: float = Column("Low end of its 95% interval.", ge=0)
    tau_high: float = Column("High end of its 95% interval.", ge=0)
    sd_within_study: float = Column(
        "Standard deviation of the effects of one study; empty where no study gives several.",
        nullable=True,
        ge=0,
        style="plain",
    )
    sd_within_study_low: float = Column(
        "Low end of its 95% interval.", nullable=True, ge=0, style="plain"
    )
    sd_within_study_high: float = Column(
        "High end of its 95% interval.", nullable=True, ge=0, style="plain"
    )
    p_more: float = Probability("Posterior probability of more of the outcome.")
    p_less: float = Probability("Posterior probability of less of the outcome.")
    p_practically_none: float = Probability(size=True)
    p_new_setting_more: float = Probability("Probability of more of the outcome in a new setting.")
    baseline_per_1000: float = Count(
        "People per 1,000 with the outcome in the control arm: as cited, else in the middle of the"
        " control groups on record; empty without either.",
        nullable=True,
    )
    difference_per_1000: float = Column(
        "Change in that number, median.", nullable=True, style="change", size=True
    )
    difference_per_1000_low: float = Column(
        "Low end of its 95% interval.", nullable=True, style="change", size=True
    )
    difference_per_1000_high: float = Column(
        "High end of its 95% interval.", nullable=True, style="change", size=True
    )
    verdict: str = Column("Name of the decision rule that was met.")
    verdict_words: str


class SizesLearnt(SizeEvidence, file="5_synthesis/sizes_learnt.csv"):
    """One row per model that integration serves, and setting: whether its size is learnt."""

    share_with_numbers: float = Share(
        "Of the people, those in effects with a number; 1 where every effect is one."
    )
    between_priors: float = Column(
        "By which the pooled effect differs between the two prior sets: a factor of ratios, at"
        " least 1.",
        nullable=True,
        ge=0,
        style="effect",
    )
    learnt: bool = Column("Whether the size is learnt from the studies.")
    reason: str = Column("Why not.", nullable=True)


class Per1000(Table, file="5_synthesis/per_1000.csv"):
    """One row per outcome with a pooled effect and stated share of people without treatment."""

    outcome: str
    baseline: str = Column(
        "`cited`; `on_record`: the median of studies' control groups; or the name of an assumed"
        " setting, as in the protocol."
    )
    assumed: bool = Column("Whether no source gives the share.")
    control_per_1000: float = Count(
        "People per 1,000 with the outcome in the control arm.", ge=0, le=1000
    )
    treated_per_1000: float = Count("The same in the treated arm, median.", ge=0, le=1000)
    treated_per_1000_low: float = Count("Low end of its 95% interval.", ge=0, le=1000)
    treated_per_1000_high: float = Count("High end of its 95% interval.", ge=0, le=1000)
    control_studies: float = Count(
        "Studies whose control groups gave counts; empty unless `on_record`.", nullable=True, ge=1
    )
    control_lowest: float = Count(
        "Least people per 1,000 in the control groups of one of them.",
        nullable=True,
        ge=0,
        le=1000,
    )
    control_highest: float = Count("Most of them.", nullable=True, ge=0, le=1000)


class Contrasts(Table, file="5_synthesis/contrasts.csv"):
    """One row per contrast between two outcomes of a joint model."""

    fit: str
    contrast: str = Column("Name of the contrast, as in the protocol.")
    engine: str = Column(
        "Sampling (`nuts`) or numerical integration (`quadrature`).", isin=["nuts", "quadrature"]
    )
    size_learnt: bool = Column(
        "Whether the sizes of both effects are learnt; where not, this table has none."
    )
    studies: int = Count("Studies that report both outcomes: the answer rests on them.", ge=1)
    comparison: float = Effect(
        "Of two effects: a ratio of ratios, or a difference of differences; median. Empty where"
        " the size of either is not learnt.",
        nullable=True,
        size=True,
    )
    comparison_low: float = Effect(nullable=True, size=True)
    comparison_high: float = Effect(nullable=True, size=True)
    p_above: float = Probability("Posterior probability that the first is above the second.")
    p_below: float = Probability("Posterior probability that it is below the second.")
    uncorrelated_comparison: float = Effect(
        "The same if a study's effects on both outcomes had nothing in common; empty if sampled.",
        nullable=True,
        size=True,
    )
    uncorrelated_comparison_low: float = Effect(
        "Low end of its 95% interval.", nullable=True, size=True
    )
    uncorrelated_comparison_high: float = Effect(
        "High end of that interval.", nullable=True, size=True
    )
    uncorrelated_p_above: float = Probability(
        "Posterior probability that the first is above the second then.", nullable=True
    )
    all_studies: int = Count("Studies of the outcome that fewest report.", ge=1)
    all_comparison: float = Effect(
        "The same from all studies that report one of the outcomes.", nullable=True, size=True
    )
    all_comparison_low: float = Effect("Low end of its 95% interval.", nullable=True, size=True)
    all_comparison_high: float = Effect("High end of that interval.", nullable=True, size=True)
    all_p_above: float = Probability(
        "Posterior probability that the first is above the second then."
    )
    all_p_below: float = Probability("Posterior probability then that the first is below.")
    step: str = Column(
        "Verdict that the probability earns from the studies with both outcomes: its name, or"
        " `no_verdict` or `few_studies`."
    )
    all_step: str = Column("Verdict that it earns from all studies.")
    settled: bool = Column("Whether both are the clear verdict, for the same of the two.")


class Moderators(Table, file="5_synthesis/moderators.csv"):
    """One row per coefficient of a model with moderators: what could be learned of it."""

    outcome: str
    model: str
    moderator: str = Column("Name of the moderator, as in the protocol.")
    coefficient: str = Column("A level against the reference, or a slope.")
    size_learnt: bool = Column(
        "Whether the sizes of all effects that it compares are learnt from the studies."
    )
    comparison: float = Effect(
        "Of two effects: a ratio of ratios, or a difference of differences; median.", size=True
    )
    comparison_low: float = Effect(size=True)
    comparison_high: float = Effect(size=True)
    p_direction: float = Probability("Posterior probability of the more probable sign.")
    prior_sd: float = Column("Of the coefficient, on the scale of θ.", gt=0)
    posterior_sd: float = Column("Of the coefficient, on the scale of θ.", gt=0)
    likelihood_error: float = Column(
        "Standard error of the coefficient by the likelihood alone, on the scale of θ; empty where"
        " integration cannot tell it.",
        ge=0,
        nullable=True,
        style="two_decimals",
    )
    contraction: float = Column(
        "1 - var(posterior) / var(prior); below 0 when the posterior is wider.",
        le=1,
        style="two_decimals",
    )
    studies_level: int = Count(
        "Studies at the level, or above the mean of a numeric moderator.", ge=1
    )
    studies_reference: int = Count("Studies at the reference, or below the mean.", ge=1)
    condition_index: float = Column(
        "Among all moderators that differ; infinite when others make it up.", ge=1
    )
    aliased_with: str = Column("Moderators that cannot be told apart from it.", nullable=True)
    sign_changes: str = Column(
        "Studies without which the median has the other sign.", nullable=True
    )
    verdict: str = Column(
        "What these studies can say of the moderator.",
        isin=["supported", "suggested", "no_clear_difference", "not_learnable"],
    )
    verdict_words: str
    reason: str = Column("What stood in the way of a stronger verdict.")


class Conclusions(Table, file="5_synthesis/conclusions.csv"):
    """One row per published conclusion: how it stands against this review's evidence."""

    conclusion: str = Column("Name of the conclusion, as in its file.")
    outcome: str = Column("Empty when about no single one.", nullable=True)
    compared_with: str = Column(
        "Model, setting or coefficient, or contrast; empty if none.", nullable=True
    )
    studies: float = Count("That carry the result.", nullable=True)
    probability: float = Probability("Posterior probability of what was concluded.", nullable=True)
    verdict: str = Column(
        "By the protocol's rule for published conclusions.",
        isin=["agrees", "differs", "cannot_tell", "not_compared"],
    )
    verdict_words: str
    reason: str = Column("Where no probability decides.", nullable=True)
