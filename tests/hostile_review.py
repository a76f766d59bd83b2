"""The tiny review with markup, scripts and formulas in every field that takes a free text."""

from pathlib import Path
from typing import Any

import yaml

from livingreview.base.documents import Document
from livingreview.base.errors import ReviewError
from livingreview.base.validation import Strict, validated
from livingreview.protocol.review import Protocol
from livingreview.records.narrative import Narrative, Published
from livingreview.records.study import Study

TEXT = (
    "=cmd|' /C calc'!A0 <script>alert(1)</script><img src=x onerror=alert(2)>"
    '</style></title></svg>"\' onmouseover="alert(3)" x=\' &lt;b&gt; -->]]> $x_1$ \\frac $'
)
LINK = "https://example.org/\"onclick='alert(1)'<script>alert(2)</script>"
CONCLUSIONS = """\
conclusions:
  - id: one
    source: {url: https://example.org/one, locator: page 1, kind: full text}
    citation: One
    outcome: relapse
    contrast: Invented.
    words: Invented.
    direction: none
    significance: null
"""
# A record whose reason, notes and identifier the other ones have not.
EXCLUDED = """\
study_id: epsilon
citation: {label: Epsilon 2020, text: Invented., year: 2020, identifier: "1"}
status: excluded
reason: Invented.
eligibility: Invented.
design: {kind: experimental, detail: Invented.}
moderators: {}
sources: [{url: https://example.org/epsilon, locator: abstract, kind: abstract}]
notes: [Invented.]
"""


def with_hostile_texts(data: dict[str, Any], model: type[Strict]) -> dict[str, Any]:
    """The data of a document with each text replaced that may be any."""
    for parent, key in list(_texts(data)):
        before = parent[key]
        for text in (TEXT, LINK):
            parent[key] = text
            try:
                validated(Document("", data, {}), model)
            except ReviewError:
                parent[key] = before
            else:
                break
    return data


def _texts(node: Any):
    children = node.items() if isinstance(node, dict) else []
    for key, child in enumerate(node) if isinstance(node, list) else children:
        if isinstance(child, str):
            yield node, key
        else:
            yield from _texts(child)


def make_hostile(tree: Path) -> None:
    """Put hostile texts into all files of the tiny review of a tree."""
    data = tree / "data/raw/tiny"
    (data / "published.yaml").write_text(CONCLUSIONS)
    (data / "studies/epsilon.yaml").write_text(EXCLUDED)
    models = {
        tree / "config/reviews/tiny.yaml": Protocol,
        data / "narrative.yaml": Narrative,
        data / "published.yaml": Published,
        **dict.fromkeys(sorted((data / "studies").glob("*.yaml")), Study),
    }
    for path, model in models.items():
        hostile = with_hostile_texts(yaml.safe_load(path.read_text()), model)
        path.write_text(yaml.safe_dump(hostile, sort_keys=False))
