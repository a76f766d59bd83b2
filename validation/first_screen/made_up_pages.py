"""What the pages of made-up reviews say before their contents, and whether the truth bears it out.

Builds each review with the workflow, with few draws, and writes `pages.md`. From the root of the
repository (three to five minutes for each review on one core):

    PYTHONPATH=src .venv/bin/python validation/first_screen/made_up_pages.py FOLDER [NAME ...]

FOLDER, which may be new, gets a copy of the workflow and the built results. With a NAME, that
review is built and `pages.md` stays.
"""

from __future__ import annotations

import html
import json
import math
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import made_up_reviews
import yaml
from made_up_reviews import FIRST, MADE_UP, QUESTION, SECOND, MadeUp
from tiny_trees import FEW_DRAWS, bare_tree, snakemake

HERE = Path(__file__).parent
HEAD = """\
# What the pages of made-up reviews say, and whether the truth bears it out

One review of each kind, drawn as in `first_screens.py`, written as protocol and records, and built
by the workflow with few draws (`made_up_pages.py`). Of every outcome less is better. "What the page
says" is all of the page before its contents, without what a reader has to open. One draw shows
what is said and not how often it is right: that is in `README.md`.

"""
# What a reader does not see or has to open, and where a line of text ends.
UNSEEN = re.compile(r"<(details|svg)\b.*?</\1>|<p[^>]*aria-hidden.*?</p>", flags=re.DOTALL)
LINE_END = re.compile(r"</(?:h\d|p|li|tr|div|article|section)>")
CELL_END = re.compile(r"</t[dh]>")


def lines_of(part: str) -> list[str]:
    """Lines of text of a part of a page."""
    seen = CELL_END.sub(" | ", LINE_END.sub("\0", UNSEEN.sub("", part)))
    text = html.unescape(re.sub(r"<[^>]+>", "", seen))
    lines = (" ".join(line.split()).rstrip("| ") for line in text.split("\0"))
    return [line for line in lines if line]


def first_screen(page: str) -> list[str]:
    """Lines of text of a page before its contents."""
    return lines_of(page[page.index('<main id="main">') : page.index('<nav aria-label="Contents"')])


def on_contrast(page: str) -> list[str]:
    """Lines of text on the contrast of two outcomes, which stand further down; none without one."""
    _, _, after = page.partition(f"<h3>{QUESTION}</h3>")
    return lines_of(re.split("<figure|<h3", after)[0])


@dataclass(frozen=True)
class Judgement:
    """What a page claims of an outcome or of a contrast, and whether the truth bears it out.

    Attributes
    ----------
    of, truth, claims : str
        In words.
    clear : bool
        Whether it claims a direction, or none, without reserve.
    contradicted : bool
        Whether a direction or its absence is claimed, with or without reserve, that is not so.
    holds : bool or None
        Whether the interval of its size holds the truth; None where no size is claimed.
    """

    of: str
    truth: str
    claims: str
    clear: bool
    contradicted: bool
    holds: bool | None

    @property
    def borne_out(self) -> str:
        """In words."""
        direction = "direction not contradicted"
        if self.contradicted:
            direction = "direction wrong" if self.clear else "leans to a side that is not so"
        size = {None: "no size", True: "interval holds the truth", False: "interval misses it"}
        return f"{direction}; {size[self.holds]}"


def judgements(review: MadeUp, results: dict[str, Any]) -> list[Judgement]:
    """Hold the claims of `results.json`, which are those of the page, against the truth."""
    limit = math.log(results["measure"]["practically_none"])
    made = []
    for outcome in results["outcomes"]:
        mu = review.outcomes[outcome["outcome"]].mu
        answer = outcome["overall"]
        if answer is None:
            made.append(
                Judgement(outcome["label"], "nothing to tell", "no answer", False, False, None)
            )
            continue
        made.append(_of_outcome(outcome["label"], mu, answer, limit))
    if len(review.outcomes) > 1:
        truth = review.outcomes[FIRST].mu - review.outcomes[SECOND].mu
        made.append(_of_contrast(truth, *results["contrasts"]))
    return made


def _of_outcome(label: str, mu: float, answer: dict[str, Any], limit: float) -> Judgement:
    verdict, up = answer["verdict"], answer["p_more"] > answer["p_less"]
    wrong = (mu <= 0) if up else (mu >= 0)
    if verdict == "practically_none":
        wrong = abs(mu) > limit
    low, high = answer["effect_low"], answer["effect_high"]
    holds = low <= math.exp(mu) <= high if answer["size_learnt"] else None
    size = f", {answer['effect']:.2f} ({low:.2f} to {high:.2f})" if answer["size_learnt"] else ""
    return Judgement(
        of=label,
        truth=f"odds ratio {math.exp(mu):.2f}",
        claims=f"{answer['verdict_words']}{size}",
        clear=verdict in ("clear", "practically_none"),
        contradicted=wrong and verdict not in ("no_verdict", "few_studies"),
        holds=holds,
    )


def _of_contrast(truth: float, contrast: dict[str, Any] | None = None) -> Judgement:
    of = f"{FIRST} against {SECOND}".capitalize()
    true = f"ratio of odds ratios {math.exp(truth):.2f}"
    if contrast is None:
        return Judgement(of, true, "nothing can be said", False, False, None)
    up, sized = contrast["p_above"] > contrast["p_below"], contrast["size_learnt"]
    low, high = contrast["comparison_low"], contrast["comparison_high"]
    side = f"{FIRST if up else SECOND} rises more" if contrast["settled"] else "stays open"
    size = f", {contrast['comparison']:.2f} ({low:.2f} to {high:.2f})" if sized else ""
    return Judgement(
        of=of,
        truth=true,
        claims=side + size,
        clear=contrast["settled"],
        contradicted=contrast["settled"] and ((truth <= 0) if up else (truth >= 0)),
        holds=low <= math.exp(truth) <= high if sized else None,
    )


def build(name: str, tree: Path) -> Path:
    """Write a made-up review into a folder, build it there, and return its folder of stage 8."""
    if not tree.exists():
        config = bare_tree(tree) / "config/config.yaml"
        settings = yaml.safe_load(config.read_text())
        settings["sampler"] |= FEW_DRAWS
        config.write_text(yaml.safe_dump(settings))
    made_up_reviews.write(name, tree)
    run = snakemake(tree, review=name, cores=1)
    if run.returncode:
        raise SystemExit(f"{name} was not built:\n{run.stdout[-2000:]}\n{run.stderr[-2000:]}")
    return tree / f"results/{name}/8_report"


def section(name: str, report: Path) -> str:
    """Section of `pages.md` on one built review."""
    review = MADE_UP[name]
    results = json.loads((report / "results.json").read_text())
    page = (report / "page.html").read_text()
    judged = "".join(
        f"- {one.of}. Truth: {one.truth}. Claimed: {one.claims}. Borne out: {one.borne_out}.\n"
        for one in judgements(review, results)
    )
    parts = {"What the page says": first_screen(page), "And further down": on_contrast(page)}
    said = "".join(f"{head}:\n\n{_quoted(lines)}\n" for head, lines in parts.items() if lines)
    return f"## {review.title}\n\n`{name}`\n\n{judged}\n{said}"


def _quoted(lines: list[str]) -> str:
    return ">\n".join(f"> {line}\n" for line in lines)


def summary(reports: dict[str, Path]) -> str:
    """One line for each outcome and contrast of each review."""
    lines = ["| review | of | truth | claimed | borne out |", "| --- | --- | --- | --- | --- |"]
    for name, report in reports.items():
        results = json.loads((report / "results.json").read_text())
        for one in judgements(MADE_UP[name], results):
            cells = (MADE_UP[name].title, one.of, one.truth, one.claims, one.borne_out)
            lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n\n"


def main() -> None:
    """Build the reviews that the command line names, or all and `pages.md`."""
    if len(sys.argv) < 2:
        raise SystemExit("which folder? made_up_pages.py FOLDER [NAME ...]")
    tree, names = Path(sys.argv[1]), sys.argv[2:]
    reports = {name: build(name, tree) for name in names or MADE_UP}
    if not names:
        sections = (section(name, report) for name, report in reports.items())
        (HERE / "pages.md").write_text(HEAD + summary(reports) + "".join(sections))


if __name__ == "__main__":
    main()
