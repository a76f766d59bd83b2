"""The edits of the rerun matrix can still be made in the tree as it is."""

from pathlib import Path

import pytest
from rerun_matrix import CHANGES, Change
from tiny_trees import tiny_tree


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny_tree(tmp_path_factory.mktemp("rerun") / "tree")


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.what.replace(" ", "_"))
def test_each_change_can_be_made(tree: Path, change: Change):
    change.make(tree)
