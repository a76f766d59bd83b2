"""Stage 8: how to cite a review, from CITATION.cff, its title and the state of the repository."""

from __future__ import annotations

from typing import Any

NO_COMMIT = "built outside of a repository"


def citation_text(citation: dict[str, Any], title: str, repository: dict[str, Any]) -> str:
    """One line for a list of references.

    Parameters
    ----------
    citation
        Content of ``CITATION.cff``.
    title
        Of the review.
    repository
        Commit, its day, and whether files differed from it; None outside of a repository.

    Examples
    --------
    >>> cff = {"authors": [{"name": "A team"}], "version": "1.0"}
    >>> print(citation_text(cff, "A question", {"commit": None}))
    A team. A question: a living evidence review. Version 1.0, built outside of a repository.
    """
    authors = ", ".join(map(_plain_name, citation["authors"]))
    version = f"Version {citation['version']}, {_state(repository)}"
    return f"{authors}. {title}: a living evidence review. {version}."


def citation_bibtex(
    citation: dict[str, Any], title: str, repository: dict[str, Any], review: str
) -> str:
    """The same as an entry for BibTeX under the name of the review, with the commit's year."""
    fields = {
        "author": " and ".join(map(_sorted_name, citation["authors"])),
        "title": f"{{{title}: a living evidence review}}",
        "version": citation["version"],
        "note": _state(repository),
    }
    if repository["commit"] is not None:
        fields["year"] = repository["date"][:4]
    lines = [f"  {name} = {{{value}}}," for name, value in fields.items()]
    return "\n".join([f"@misc{{{review},", *lines, "}"])


def _state(repository: dict[str, Any]) -> str:
    """Commit and day, and whether files differed from it."""
    if repository["commit"] is None:
        return NO_COMMIT
    changed = ", with uncommitted changes" if repository["uncommitted_changes"] else ""
    return f"commit {repository['commit'][:12]} of {repository['date']}{changed}"


def _plain_name(author: dict[str, str]) -> str:
    if "name" in author:
        return author["name"]
    return " ".join(filter(None, (author.get("given-names"), author["family-names"])))


def _sorted_name(author: dict[str, str]) -> str:
    """As BibTeX takes it: a person with the family name first, a group in braces."""
    if "name" in author:
        return f"{{{author['name']}}}"
    return ", ".join(filter(None, (author["family-names"], author.get("given-names"))))
