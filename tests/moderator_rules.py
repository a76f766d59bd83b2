"""Rules for verdicts on moderators, as a protocol has them."""

from livingreview.protocol.decisions import ModeratorDecisions

MODERATOR_RULES = ModeratorDecisions.model_validate(
    {
        "supported": {"probability": 0.975, "contraction": 0.5, "fewest_studies": 3},
        "suggested": {"probability": 0.9, "contraction": 0.33, "fewest_studies": 2},
        "learnable_contraction": 0.2,
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
