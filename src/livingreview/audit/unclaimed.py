"""Numbers on the page that are no claim: each must be quoted, fixed, or of the protocol."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from livingreview.audit.printed_page import passages, single_spaced
from livingreview.base.measures import measure_of
from livingreview.base.rounding import exact_percent
from livingreview.report.captions import caption

NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?%?")
# End of a number: no further digits may follow, with or without a point or comma.
ENDS = r"(?![.,]?\d)"
# Wordings with a fixed number, which no result can change, and the reason.
FIXED = {
    r"95% interval": "the width of every interval",
    r"probability of 95%": "what such an interval means",
    rf"\b(above|below|of) [01]{ENDS}": "a ratio of 1, or a difference of 0, is no difference",
    rf"\b(in|per) 1,000{ENDS}": "the unit of differences in counts",
    r"\b0 when they say nothing [^.]*, 1 when they settle it": "the ends of contraction's scale",
}
# Inputs whose words the page repeats; every number in them has its source beside it.
QUOTED = ("config/reviews/*.yaml", "data/raw/*/*.yaml", "data/raw/*/studies/*.yaml")
CAPTIONS = "workflow/report/captions/*.rst"


def unclaimed_numbers(page: str, quoted: list[str], fixed: list[str]) -> list[tuple[str, str]]:
    """Numbers on the page that are no claim, each with the words that it stands in.

    The page may repeat quoted texts, with other capitals, and print what the fixed patterns match.
    """
    texts = {single_spaced(text).lower() for text in quoted}
    # A number alone would hide every other use of its digits.
    allowed = [text for text in texts if NUMBER.search(text) and re.search(r"[a-z]", text)]
    allowed.sort(key=len, reverse=True)
    unclaimed = []
    for passage in passages(page):
        words = passage.unclaimed.lower()
        if not NUMBER.search(words):
            continue
        for text in allowed:
            words = words.replace(text, "…")
        for wording in fixed:
            words = re.sub(wording, "…", words)
        unclaimed += [(number, passage.words) for number in NUMBER.findall(words)]
    return unclaimed


def quoted_texts(sources: Path) -> list[str]:
    """Texts of the records, the narrative, the protocol and the captions below a folder."""
    texts: list[str] = []
    for pattern in QUOTED:
        for path in sorted(sources.glob(pattern)):
            texts += _texts(yaml.safe_load(path.read_text(encoding="utf-8")))
    for path in sorted(sources.glob(CAPTIONS)):
        shown = caption(path.read_text(encoding="utf-8"))
        texts += [passage.words for passage in passages(shown.shown + shown.reading)]
    return texts


def protocol_wordings(protocol: dict[str, Any]) -> list[str]:
    """Patterns of wordings with a number that the protocol fixes."""
    measure = measure_of(protocol)
    baselines = (outcome["baseline"] for outcome in protocol["outcomes"].values())
    cited = (baseline["cited"] for baseline in baselines if baseline)
    months = {f"within {source['months']:g} months" for source in cited if source}
    scales = [
        wording
        for moderator in protocol["moderators"].values()
        if moderator["kind"] == "numeric"
        for wording in (
            f"{moderator['label'].lower()} {moderator['centre']:.3g}",
            f"per {moderator['per']:g} {moderator['unit'] or ''}".strip(),
        )
    ]
    amended = [str(amendment["date"]) for amendment in protocol.get("amendments", [])]
    decisive = f"exceeds {exact_percent(protocol['sensitivity']['decisive_probability'])}"
    searched = protocol["search"]["last"]
    version = protocol.get("conduct", {}).get("version")
    days = [f"searched for on {searched}"] if searched else []
    days += [f"version of {version}"] if version else []
    wordings = [f"between {measure.practically_none}", decisive, *sorted(months), *scales]
    interests = protocol["certainty"]["interest"].values()
    since = {f"published before {i['published_since']}" for i in interests if i["published_since"]}
    wordings += [*amended, *days, *sorted(since)]
    return [re.escape(wording) + ENDS for wording in wordings]


def _texts(data: Any) -> Iterator[str]:
    """Every text in nested data."""
    if isinstance(data, dict):
        data = list(data.values())
    if isinstance(data, list):
        for item in data:
            yield from _texts(item)
    elif isinstance(data, str):
        yield data
