"""Draw the rooms of the package and the stages of the workflow into docs/architecture.md.

Rooms and their order come from the contract in pyproject.toml, arrows from the imports themselves,
stages from the rules as Snakemake reads them. `make architecture` runs it; a test compares.
"""

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import grimp

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs/architecture.md"
PACKAGE = "livingreview"
Arrows = set[tuple[str, str]]


def layers() -> list[list[str]]:
    """Rooms from top to bottom, those of one layer together."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]
    order = [layer.split(" | ") for layer in contracts["contracts"][0]["layers"]]
    return [rooms for rooms in order if (ROOT / "src" / PACKAGE / rooms[0]).is_dir()]


def imports(rooms: list[str]) -> Arrows:
    """Pairs of rooms of which the first imports from the second."""
    graph = grimp.build_graph(PACKAGE, cache_dir=None)
    lines = {
        (graph_import["importer"].split(".")[1], graph_import["imported"].split(".")[1])
        for room in rooms
        for graph_import in graph.find_matching_direct_imports(
            import_expression=f"{PACKAGE}.{room}.** -> {PACKAGE}.**"
        )
    }
    return {(above, below) for above, below in lines if above != below and below in rooms}


def reduced(arrows: Arrows) -> Arrows:
    """Arrows that no chain of others replaces."""
    reach = {above: {b for a, b in arrows if a == above} for above, _ in arrows}
    for _ in reach:
        for below in reach.values():
            below |= set().union(*(reach.get(room, set()) for room in below))
    return {
        (above, below)
        for above, below in arrows
        if not any(below in reach.get(b, set()) for a, b in arrows if a == above and b != below)
    }


def purpose(room: str) -> str:
    """First line of a room's docstring."""
    text = (ROOT / "src" / PACKAGE / room / "__init__.py").read_text()
    return (ast.get_docstring(ast.parse(text)) or "").splitlines()[0]


def rooms_drawing() -> str:
    """Rooms as a drawing, and as a table of what each is for."""
    order = layers()
    names = [room for rooms in order for room in rooms]
    arrows = "".join(f"    {a} --> {b}\n" for a, b in sorted(reduced(imports(names))))
    table = "".join(f"| `{room}` | {purpose(room)} |\n" for room in reversed(names))
    return f"{mermaid(arrows)}\n| room, bottom to top | what it holds |\n|---|---|\n{table}"


def rules() -> tuple[dict[str, str], Arrows]:
    """Stage of each rule, and pairs of rules of which the second reads what the first makes."""
    command = [sys.executable, "-m", "snakemake", "--quiet", "all", "--rulegraph", "mermaid-js"]
    drawing = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
    names = dict(re.findall(r"(id\d+)\[(\w+)\]", drawing))
    stages = {path.stem: path.parent.name for path in ROOT.glob("workflow/scripts/[0-9]_*/*.py")}
    arrows = {(names[a], names[b]) for a, b in re.findall(r"(id\d+) --> (id\d+)", drawing)}
    return stages, {(a, b) for a, b in arrows if a in stages and b in stages}


def stages_drawing() -> str:
    """Stages as a drawing, each with its rules."""
    stages, arrows = rules()
    boxes = []
    for stage in sorted(set(stages.values())):
        lines = "<br>".join([stage, *sorted(rule for rule in stages if stages[rule] == stage)])
        boxes.append(f'    s{stage}["{lines}"]\n')
    # Stage 9 compares with the last release before stage 8, and describes all results after it.
    later = {(stages[a], stages[b]) for a, b in arrows if stages[a] < stages[b]}
    return mermaid("".join([*boxes, *(f"    s{a} --> s{b}\n" for a, b in sorted(reduced(later)))]))


def mermaid(lines: str) -> str:
    """A drawing in the notation that code hosts show as a picture."""
    return f"```mermaid\nflowchart TD\n{lines}```\n"


def page() -> str:
    """The page with both drawings made anew."""
    text = PAGE.read_text()
    for name, drawing in (("rooms", rooms_drawing()), ("stages", stages_drawing())):
        start, end = f"<!-- {name}: made by draw_architecture.py -->\n", f"<!-- end of {name} -->"
        before, _, rest = text.partition(start)
        text = f"{before}{start}\n{drawing}\n{end}{rest.partition(end)[2]}"
    return text


if __name__ == "__main__":
    PAGE.write_text(page())
