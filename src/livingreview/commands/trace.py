"""`livingreview trace`: from a number on the page to the lines of the records below it."""

from __future__ import annotations

from typing import Annotated

import typer

from livingreview.commands.review_files import review_files

# Width in columns at which no line of a tree is wrapped.
WIDTH = 4000


def trace(
    claim: Annotated[str, typer.Argument(help="Name of a claim, or a part that only it has.")],
    review: Annotated[
        str | None, typer.Option(help="Review to look at; without it, that of config/config.yaml.")
    ] = None,
) -> None:
    """Follow a number or verdict of the page down to the record lines and sources below it.

    Names of claims stand in 8_report/claims.csv, and in the page's anchors.
    """
    from rich.console import Console
    from rich.tree import Tree

    from livingreview.audit.tracing import TraceNode, Tracer

    def grow(tree: Tree, branch: TraceNode) -> Tree:
        for below in branch.branches:
            grow(tree.add(below.words), below)
        return tree

    files = review_files(review)
    branch = Tracer(files.root / "results" / files.review).trace(claim)
    # Lines wrap on a screen; in a file or a pipe each stays whole. Words may hold brackets.
    console = Console(markup=False, highlight=False)
    if not console.is_terminal:
        console.width = WIDTH
    console.print(grow(Tree(branch.words), branch))
