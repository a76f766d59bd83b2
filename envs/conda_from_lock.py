"""Write `analysis.yaml`, for conda users, with the versions that the lock pins."""

import re
from pathlib import Path

HERE = Path(__file__).parent
NOT_ON_CONDA_FORGE = {"pymare"}
TESTS_FROM_HERE = "# tests and habits"


def direct_packages(requirements: str) -> list[str]:
    """Names that the pipeline itself asks for, tests left out."""
    lines = requirements.split(TESTS_FROM_HERE)[0].splitlines()
    return [m[0] for line in lines if (m := re.match(r"[a-z0-9_-]+", line))]


def pinned_versions(lock: str) -> dict[str, str]:
    """Version of each package in the lock."""
    return dict(re.findall(r"^([a-z0-9_-]+)==([^ ;\\]+)", lock, flags=re.MULTILINE))


def conda_environment() -> str:
    """Text of `analysis.yaml`."""
    versions = pinned_versions((HERE / "requirements.lock").read_text())
    names = direct_packages((HERE / "requirements.in").read_text())
    conda = [f"  - {n}={versions[n]}" for n in names if n not in NOT_ON_CONDA_FORGE]
    pip = [f"      - {n}=={versions[n]}" for n in names if n in NOT_ON_CONDA_FORGE]
    return "\n".join(
        [
            "# Made from requirements.lock by conda_from_lock.py (`make lock`); do not edit.",
            "name: livingreview",
            "channels:",
            "  - conda-forge",
            "  - nodefaults",
            "dependencies:",
            "  - python=3.13",
            "  - pip",
            *conda,
            "  - pip:",
            *pip,
            "",
        ]
    )


if __name__ == "__main__":
    (HERE / "analysis.yaml").write_text(conda_environment())
