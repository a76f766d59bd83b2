"""Write the JSON schemas of files that people edit or keep, and of results (`make schemas`)."""

import json
import sys
from pathlib import Path

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE.parents[1] / "src"))

from livingreview.audit.updates.releases import Release  # noqa: E402
from livingreview.base.validation import Strict  # noqa: E402
from livingreview.protocol.review import Protocol  # noqa: E402
from livingreview.records.narrative import Narrative, Published  # noqa: E402
from livingreview.records.study import Study  # noqa: E402
from livingreview.report.results_json import Results  # noqa: E402

DIALECT = "https://json-schema.org/draft/2020-12/schema"
MODELS: dict[str, type[Strict]] = {
    "study": Study,
    "protocol": Protocol,
    "narrative": Narrative,
    "published": Published,
    "release": Release,
    "results": Results,
}


def schema(model: type[Strict]) -> str:
    """Text of the JSON schema of a model."""
    content = {"$schema": DIALECT, **model.model_json_schema(mode="validation")}
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def path_of(name: str) -> Path:
    """File of a schema."""
    return HERE / f"{name}.schema.json"


if __name__ == "__main__":
    for name, model in MODELS.items():
        path_of(name).write_text(schema(model), encoding="utf-8")
