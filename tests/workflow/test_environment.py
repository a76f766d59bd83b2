"""The two environment files agree, and each rule reruns when a module that it uses changes."""

import ast
import importlib.util
import re
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest
from conftest import ROOT
from tiny_trees import environment, tiny_tree

from livingreview.base.modules import modules_of

PACKAGE = ROOT / "src/livingreview"
LOCK = (ROOT / "envs/requirements.lock").read_text()


@dataclass(frozen=True)
class Rule:
    """A rule as it stands in its file."""

    name: str
    file: Path
    text: str

    @property
    def script(self) -> Path | None:
        found = re.search(r'^    script:\s+"(.+)"', self.text, flags=re.MULTILINE)
        return (self.file.parent / found[1]).resolve() if found else None


def rules() -> list[Rule]:
    found = []
    for file in sorted((ROOT / "workflow/rules").glob("*.smk")):
        parts = re.split(r"^(?:rule|checkpoint) (\w+):\n", file.read_text(), flags=re.MULTILINE)
        found += [
            Rule(name, file, text) for name, text in zip(parts[1::2], parts[2::2], strict=True)
        ]
    return found


RULES = rules()
every_rule = pytest.mark.parametrize("rule", RULES, ids=[rule.name for rule in RULES])


@cache
def imported(file: Path) -> frozenset[str]:
    """Modules of the package that a file imports itself."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    parts = {
        name.removeprefix("livingreview.").replace(".", "/")
        for name in names
        if name.startswith("livingreview.")
    }
    return frozenset(part for part in parts if (PACKAGE / f"{part}.py").exists())


def needed(file: Path) -> set[str]:
    """Modules that a file imports, directly or not."""
    found: set[str] = set()
    waiting = set(imported(file))
    while waiting:
        module = waiting.pop()
        found.add(module)
        waiting |= imported(PACKAGE / f"{module}.py") - found
    return found


@every_rule
def test_modules_are_those_that_python_finds(rule: Rule):
    """The expression over import lines against Python's own reading of them."""
    assert rule.script is not None
    by_python = {PACKAGE / f"{module}.py" for module in needed(rule.script)}
    assert set(modules_of(rule.script, ROOT / "src")) == by_python


def test_modules_are_followed_through_the_package():
    script = ROOT / "workflow/scripts/2_effects/build_terms.py"
    modules = {str(path.relative_to(PACKAGE)) for path in modules_of(script, ROOT / "src")}
    # The last by way of others.
    assert {"effects/terms.py", "tables/effects.py", "records/evidence/means.py"} <= modules
    assert "models/nuts/sampling.py" not in modules


@every_rule
def test_rule_has_docstring_and_what_it_makes(rule: Rule):
    assert re.match(r'    """[A-Z].+\."""\n', rule.text, flags=re.DOTALL), "no docstring"
    # An audit makes nothing, so that it runs each time that it is asked for. Calibration
    # simulates what it uses.
    lacking = {"audit": {"input", "output"}, "rank_truths": {"input"}, "place_truths": {"input"}}
    for directive in {"input", "output"} - lacking.get(rule.name, set()):
        assert re.search(rf"^    {directive}:$", rule.text, flags=re.MULTILINE), directive


def test_every_rule_has_environment_log_and_message(tmp_path: Path):
    tree = tiny_tree(tmp_path)
    asked = "\nassert all(rule.message for rule in workflow.rules if rule.name != 'all')\n"
    (tree / "Snakefile").write_text((tree / "Snakefile").read_text() + asked)
    lint = [sys.executable, "-m", "snakemake", "--lint", "--config", "review=tiny"]
    run = subprocess.run(lint, cwd=tree, env=environment(), capture_output=True, text=True)
    assert run.returncode == 0, run.stdout + run.stderr


@every_rule
def test_script_is_named_after_its_rule_and_stage(rule: Rule):
    expected = ROOT / "workflow/scripts" / rule.file.stem / f"{rule.name}.py"
    assert rule.script == expected
    assert expected.exists()


def test_every_script_has_a_rule():
    scripts = set((ROOT / "workflow/scripts").glob("*/*.py"))
    assert scripts == {rule.script for rule in RULES}


def test_conda_environment_is_made_from_the_lock():
    path = ROOT / "envs/conda_from_lock.py"
    spec = importlib.util.spec_from_file_location("conda_from_lock", path)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "envs/analysis.yaml").read_text() == module.conda_environment(), (
        "run `make lock`"
    )


def packages(lock: str) -> dict[str, str]:
    """Package with its version, and the lines that follow it."""
    parts = re.split(r"^(?=\S)", lock, flags=re.MULTILINE)
    return {part.split()[0]: part for part in parts if part.strip() and not part.startswith("#")}


def test_every_package_is_pinned_with_a_hash():
    locked = packages(LOCK)
    assert len(locked) > 50
    for package, lines in locked.items():
        assert re.fullmatch(r"[a-z0-9-]+(\[[a-z0-9,-]+\])?==[0-9][0-9a-z.+!]*", package), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}\b", lines), package


@pytest.mark.parametrize("lock", sorted((ROOT / "envs").glob("*.lock")), ids=lambda lock: lock.stem)
def test_lock_holds_no_address(lock: Path):
    assert not re.search(r"https?:|--(extra-)?index-url|--find-links| @ ", lock.read_text())


def test_the_list_of_licences_has_every_package_that_is_pinned():
    lines = (ROOT / "envs/licences.csv").read_text().splitlines()
    listed = dict(line.split(",")[:2] for line in lines[1:])
    assert listed == dict(re.findall(r"^([a-z0-9._-]+)==([^ ;\\]+)", LOCK, flags=re.MULTILINE))


def test_what_makes_the_environment_is_pinned_by_its_checksum():
    lock = (ROOT / "envs/uv.lock").read_text()
    assert re.search(r"^uv==[\d.]+ \\$", lock, flags=re.MULTILINE) and "--hash=sha256:" in lock
    assert "--require-hashes -r envs/uv.lock" in (ROOT / "Makefile").read_text()
