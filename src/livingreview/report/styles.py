"""How the numbers of each column of a result table are rounded where they are printed.

Columns of one name are rounded alike in every table. Words are printed as they are.
"""

_COLUMNS = {
    "ratio": "odds_ratio odds_ratio_low odds_ratio_high new_setting_low new_setting_high ratio"
    " ratio_low ratio_high odds_ratio_before odds_ratio_low_before odds_ratio_high_before"
    " odds_ratio_after odds_ratio_low_after odds_ratio_high_after",
    "exponential": "q2_5 q50 q97_5 centre lowest middle highest",
    "factor": "mu_in_order mu_alone",
    "signed": "tau_in_order",
    "two_decimals": "tau tau_before tau_after slope slope_low slope_high contraction"
    " true_odds_ratio",
    "percent": "p_more p_less p_practically_none p_new_setting_more p_above_zero p_above p_below"
    " p_direction p_at_largest p_moves probability",
    "share": "share share_with_study above_zero decisively_above decisively_below"
    " explained_by_priors explained_by_baseline explained_by_design explained_by_evidence"
    " explained_by_left_out explained_by_routes",
    "whole": "studies studies_level studies_reference effects specifications possible met of"
    " baseline_per_1000 control_per_1000 treated_per_1000 treated_per_1000_low"
    " treated_per_1000_high smallest_per_arm largest_per_arm follow_up_months record_line",
    "change": "difference_per_1000 difference_per_1000_low difference_per_1000_high",
}
STYLE_OF_COLUMN = {
    column: style for style, columns in _COLUMNS.items() for column in columns.split()
}
WORDS = "words"
# Style of a cell with names in it, which are printed by their labels.
LABEL = "label"
