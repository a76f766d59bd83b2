"""A contrast is called settled, or open for the reason that its table has."""

import pandas as pd
import pytest
from conftest import ROOT

from livingreview.protocol.review import read_protocol
from livingreview.report.claims import Claims
from livingreview.report.sentences.models import contrasts
from livingreview.tables.synthesis import Contrasts

PROTOCOL = read_protocol(ROOT / "config/reviews/second_responder.yaml")
KEY = "police_minus_victim"


def words(step: str, all_step: str, all_p_above: float = 0.98) -> list[str]:
    row = {
        "fit": f"joint/{KEY}",
        "contrast": KEY,
        "size_learnt": False,
        "studies": 8,
        "p_above": 0.98,
        "p_below": 0.02,
        "uncorrelated_p_above": None,
        "all_p_above": all_p_above,
        "all_p_below": 1 - all_p_above,
        "step": step,
        "all_step": all_step,
        "settled": step == all_step == "clear" and all_p_above > 0.5,
    }
    [(_, sentences)] = contrasts(Claims({Contrasts.file: pd.DataFrame([row])}), PROTOCOL)
    return [str(sentence) for sentence in sentences.values()]


@pytest.mark.parametrize(
    ("case", "start"),
    [
        (("clear", "clear"), "Settled: studies that report both, and all studies"),
        (
            ("clear", "clear", 0.02),
            "Open: studies that report both earn a clear verdict, and all studies one for the",
        ),
        (("leaning", "leaning"), "Open: neither"),
        (("clear", "leaning"), "Open: only one of the two"),
        (("few_studies", "clear"), "Open: too few studies report both"),
    ],
)
def test_a_question_is_settled_where_both_are_clear_for_the_same(case, start):
    assert words(*case)[0].startswith(start)


def test_studies_of_one_outcome_are_not_claimed_where_there_may_be_none():
    _, _, everyone = words("clear", "clear")
    assert everyone.startswith("From all studies, with any that report one of the two only, the")
