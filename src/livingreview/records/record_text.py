"""The text of a record file, laid out as people write them."""

from __future__ import annotations

from typing import Any

import yaml

WIDTH = 100
# Longest line; longer texts are folded over several lines.
LONGEST_ON_ONE_LINE = 70


class _Dumper(yaml.SafeDumper):
    """Indents lists below their key, writes numbers on one line, and folds long texts."""

    def increase_indent(self, flow: bool = False, indentless: bool = False) -> None:
        """Indent one step further, lists too."""
        super().increase_indent(flow, False)


def _represented_text(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    # Folding keeps a text only if it has no line breaks and single spaces.
    foldable = len(text) > LONGEST_ON_ONE_LINE and text == " ".join(text.split())
    style = ">" if foldable and " " in text else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _represented_list(dumper: yaml.SafeDumper, items: list[Any]) -> yaml.SequenceNode:
    numbers = all(isinstance(item, int | float) for item in items)
    return dumper.represent_sequence("tag:yaml.org,2002:seq", items, flow_style=numbers)


_Dumper.add_representer(str, _represented_text)
_Dumper.add_representer(list, _represented_list)


def record_text(record: dict[str, Any]) -> str:
    """Text of a record file, in the order of the data; `read_document` reads it back unchanged."""
    text: str = yaml.dump(record, Dumper=_Dumper, sort_keys=False, allow_unicode=True, width=WIDTH)
    return text
