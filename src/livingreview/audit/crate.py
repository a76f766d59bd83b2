"""The results of a review as a Workflow Run RO-Crate, so that others' tools can read them.

RO-Crate 1.3, https://w3id.org/ro/crate/1.3; Workflow Run Crate 0.6,
https://w3id.org/ro/wfrun/workflow/0.6. The profile asks for the time at which a run ended;
it is left out, so that two builds of one commit give the same crate.
"""

from __future__ import annotations

import json
import mimetypes
from dataclasses import dataclass
from typing import Any

from rocrate.model.contextentity import ContextEntity
from rocrate.model.entity import Entity
from rocrate.rocrate import ROCrate

from livingreview.audit.manifest import Manifest, ResultFile

WORKFLOW = "Snakefile"
PROFILES = {
    "https://w3id.org/ro/wfrun/process/0.6": "Process Run Crate",
    "https://w3id.org/ro/wfrun/workflow/0.6": "Workflow Run Crate",
}
CONTEXT = "https://w3id.org/ro/terms/workflow-run/context"
LICENCES = "https://spdx.org/licenses/"
# Date of a crate, which must have one, when there is no commit to take it from.
NO_DATE = "1970-01-01"
# Beginnings of the paths of sources that are inputs of a run and not parts of the program.
INPUT_FOLDERS = ("config/", "data/")
FORMATS = {
    ".nc": "application/netcdf",
    ".yaml": "application/yaml",
    ".cff": "application/yaml",
    ".md": "text/markdown",
    ".bib": "application/x-bibtex",
}


@dataclass(frozen=True)
class CrateDescription:
    """What a crate says of a review and of the program that no manifest holds."""

    title: str
    question: str
    # Day of the commit, as `2026-11-24`; none outside of a repository.
    date: str | None
    # As in CITATION.cff; the licence by its SPDX name.
    authors: list[dict[str, str]]
    licence: str
    version: str
    # What each rule does, by its name.
    rules: dict[str, str]


def crate_metadata(
    manifest: Manifest, description: CrateDescription, own: ResultFile, sources: str
) -> str:
    """Text of `ro-crate-metadata.json` for the results folder of a review.

    `own` is the manifest's own file, which it cannot list; `sources` is the folder of the copied
    sources below the results folder.
    """
    crate = ROCrate()
    root = crate.root_dataset
    crate.name, crate.description = description.title, description.question
    crate.datePublished = description.date or NO_DATE
    licence = {"@type": "CreativeWork", "name": description.licence}
    crate.license = _add(crate, LICENCES + description.licence, licence)
    authors = [_author(crate, i, author) for i, author in enumerate(description.authors, 1)]
    root["author"] = authors
    workflow = _workflow(crate, manifest, description, f"{sources}/{WORKFLOW}", authors)
    files = {
        source.file: crate.add_file(
            dest_path=f"{sources}/{source.file}",
            properties=_properties(source.file, source.sha256),
        )
        for source in manifest.sources
        if source.file != WORKFLOW
    }
    results = [
        crate.add_file(
            dest_path=result.file,
            properties=_properties(result.file, result.sha256)
            | {"contentSize": str(result.bytes), "description": description.rules[result.rule]},
        )
        for result in (*manifest.results, own)
    ]
    inputs = [entity for file, entity in files.items() if file.startswith(INPUT_FOLDERS)]
    seed = _add(crate, "#seed", {"@type": "PropertyValue", "name": "seed", "value": manifest.seed})
    action = {
        "@type": "CreateAction",
        "name": f"Build of the review {manifest.review}",
        "description": f"snakemake --cores 4 --config review={manifest.review}",
        "instrument": workflow,
        "object": [*inputs, seed],
        "result": results,
    }
    root["mentions"] = [_add(crate, "#build", action)]
    _conform(crate)
    return json.dumps(crate.metadata.generate(), indent=1, ensure_ascii=False) + "\n"


def _workflow(
    crate: ROCrate,
    manifest: Manifest,
    description: CrateDescription,
    path: str,
    authors: list[Entity],
) -> Entity:
    """The main workflow. Its version is the commit, where there is one."""
    properties = {
        "name": "Living evidence review",
        "version": manifest.commit or description.version,
        "license": crate.license,
        "creator": authors,
        "runtimePlatform": f"Python {manifest.software.python}",
    }
    return crate.add_workflow(
        dest_path=path,
        properties=properties,
        main=True,
        lang="snakemake",
        lang_version=manifest.software.packages["snakemake"],
    )


def _author(crate: ROCrate, number: int, author: dict[str, str]) -> Entity:
    """An author of the citation file: a person with parts of a name, or a group with one name."""
    if "family-names" in author:
        name = " ".join(filter(None, (author.get("given-names"), author["family-names"])))
        return _add(
            crate, author.get("orcid", f"#author-{number}"), {"@type": "Person", "name": name}
        )
    properties = {"@type": "Organization", "name": author["name"]}
    return _add(crate, f"#author-{number}", properties)


def _conform(crate: ROCrate) -> None:
    """Name the profiles that the crate follows beside those of its workflow."""
    for address, name in PROFILES.items():
        version = address.rsplit("/", 1)[1]
        properties = {"@type": ["CreativeWork", "Profile"], "name": name, "version": version}
        crate.root_dataset.append_to("conformsTo", _add(crate, address, properties))
    crate.metadata.extra_contexts.append(CONTEXT)


def _properties(path: str, sha256: str) -> dict[str, Any]:
    suffix = path[path.rfind(".") :] if "." in path else ""
    guessed = FORMATS.get(suffix) or mimetypes.guess_type(path)[0] or "text/plain"
    return {"name": path, "encodingFormat": guessed, "sha256": sha256}


def _add(crate: ROCrate, identifier: str, properties: dict[str, Any]) -> Entity:
    """Add an entity that is not a file."""
    return crate.add(ContextEntity(crate, identifier, properties=properties))
