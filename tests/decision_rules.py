"""Rules of decision, as a protocol has them."""

from livingreview.protocol.decisions import ModeratorDecisions, PublishedDecisions

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
