"""Rules of decision, as a protocol has them, and what they say of sizes."""

from livingreview.protocol.decisions import (
    Decisions,
    ModeratorDecisions,
    PublishedDecisions,
    SizeRule,
)
from livingreview.synthesis.size import LearntSizes
from livingreview.tables.synthesis import SizesLearnt

MODERATOR_RULES = ModeratorDecisions.model_validate(
    {
        "supported": {"probability": 0.975, "fewest_studies": 3},
        "suggested": {"probability": 0.9, "fewest_studies": 2},
        "learnable_standard_error": 1.0,
        "learnable_studies": 2,
        "condition_index_at_most": 10.0,
        "told_apart_by": 2,
        "words": {
            "supported": "supported",
            "suggested": "suggested",
            "no_clear_difference": "no clear difference",
            "not_learnable": "not learnable",
        },
        "reason": "Invented.",
    }
)

PUBLISHED_RULES = PublishedDecisions.model_validate(
    {
        "agrees": "leaning",
        "agrees_with_significant": "probable",
        "open_within_effect": 2.0,
        "words": {
            "agrees": "agree",
            "differs": "point elsewhere",
            "cannot_tell": "cannot tell",
            "not_compared": "not compared",
        },
        "reason": "Invented.",
    }
)

SIZE_RULE = SizeRule(
    people_with_numbers=0.2,
    prior_sets=["default", "wide"],
    factor=1.25,
    not_learnt="these studies do not tell how large",
    reason="Invented.",
)

# No study tells how large any effect is.
NO_SIZES = LearntSizes(SizesLearnt.frame([]))

# Of a pooled effect: two steps, and a verdict from two studies.
EFFECT_RULES = Decisions.model_validate(
    {
        "practically_none_effect": 1.1,
        "practically_none_probability": 0.8,
        "practically_none": "none",
        "verdicts": [
            {"id": "clear", "probability": 0.975, "words": "{direction}"},
            {"id": "leaning", "probability": 0.75, "words": "leans to {direction}"},
        ],
        "no_verdict": "cannot tell",
        "size": SIZE_RULE.model_dump(),
        "moderators": MODERATOR_RULES.model_dump()
        | {"suggested": {"probability": 0.75, "fewest_studies": 2}},
        "published": PUBLISHED_RULES.model_dump() | {"agrees_with_significant": "clear"},
        "fewest_studies_for_a_verdict": 2,
        "few_studies": "few, leaning to {direction}",
        "reason": "Invented.",
    }
)

# With the three steps of the shipped reviews.
RULES = Decisions.model_validate(
    EFFECT_RULES.model_dump()
    | {
        "verdicts": [
            {"id": "clear", "probability": 0.975, "words": "{direction}"},
            {"id": "probable", "probability": 0.9, "words": "probably {direction}"},
            {"id": "leaning", "probability": 0.75, "words": "leans to {direction}"},
        ],
        "moderators": MODERATOR_RULES.model_dump(),
        "published": PUBLISHED_RULES.model_dump(),
    }
)
