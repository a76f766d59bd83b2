"""A step that is a fork does and ends as one that Python starts."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from conftest import ROOT

pytestmark = pytest.mark.long
FORKING = str(ROOT / "workflow/forking.py")
Ask = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture(scope="module")
def ask(tmp_path_factory) -> Iterator[Ask]:
    """Run a script as Snakemake would, with a process that forks for it."""
    folder = tmp_path_factory.mktemp("forking")
    serving = subprocess.Popen([sys.executable, FORKING, "at"], stdin=subprocess.PIPE, cwd=folder)
    while not (folder / "at").exists():
        assert serving.poll() is None
        time.sleep(0.05)

    def run(text: str, rule: str = "step", address: str = "at", **more):
        script = folder / f"tmpa.{rule}.py"
        script.write_text(text)
        command = [sys.executable, "-S", "-E", FORKING, address, "fit,check", script]
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, **more)

    yield run
    serving.communicate()
    assert serving.returncode == 0 and not (folder / "at").exists()


PARENT = "import os, sys; print(os.getppid(), 'scipy.stats' in sys.modules)"


def test_a_step_is_a_fork_that_has_the_libraries(ask: Ask):
    assert ask(PARENT).stdout.split()[1] == "True"
    assert ask(PARENT).stdout.split()[0] == ask(PARENT).stdout.split()[0]


@pytest.mark.parametrize("how", [{"rule": "fit"}, {"address": "nobody"}])
def test_a_step_that_is_measured_or_that_nobody_forks_is_python_itself(ask: Ask, how: dict):
    parent, has_libraries = ask(PARENT, **how).stdout.split()
    assert has_libraries == "False"
    assert int(parent) == os.getpid()


def test_a_step_has_the_place_the_environment_and_the_name_of_who_asked(ask: Ask, tmp_path: Path):
    text = "import os, sys; print(os.getcwd(), os.environ['WORD'], *sys.argv, __name__)"
    told = ask(text, env=os.environ | {"WORD": "blue"}).stdout.split()
    assert told[1:] == ["blue", f"{told[0]}/tmpa.step.py", "__main__"]


@pytest.mark.parametrize(
    ("text", "status", "words"),
    [
        ("", 0, ""),
        ("raise SystemExit(1)", 1, ""),
        ("raise SystemExit('No room.')", 1, "No room."),
        ("1 / 0", 1, "ZeroDivisionError"),
        ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL, ""),
    ],
)
def test_a_step_ends_as_it_would_have_ended(ask: Ask, text: str, status: int, words: str):
    run = ask(text)
    assert run.returncode == status
    assert words in run.stderr
