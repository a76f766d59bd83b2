"""A review whose protocol has no moderators and no risk-of-bias domains, from records to page."""

from pathlib import Path

import pytest
import yaml
from tiny_trees import snakemake, tiny_tree

from livingreview.audit.verification import audit


def leave_out_moderators(tree: Path) -> None:
    """Take moderators and domains out of the tiny review of a tree."""
    path = tree / "config/reviews/tiny.yaml"
    protocol = yaml.safe_load(path.read_text())
    protocol |= {"moderators": {}, "risk_of_bias_domains": {}}
    del protocol["models"]["design"]
    protocol["certainty"]["randomised"] = None
    protocol["certainty"]["interest"]["relapse"]["moderators"] = {}
    path.write_text(yaml.safe_dump(protocol, sort_keys=False))
    for record in (tree / "data/raw/tiny/studies").glob("*.yaml"):
        data = yaml.safe_load(record.read_text())
        data["risk_of_bias"] = {}
        record.write_text(yaml.safe_dump(data, sort_keys=False))


@pytest.mark.long
def test_it_builds_to_a_page_that_the_audit_passes(tmp_path: Path):
    tree = tiny_tree(tmp_path)
    leave_out_moderators(tree)
    run = snakemake(tree)
    assert run.returncode == 0, run.stderr[-3000:]
    results = tree / "results/tiny"
    assert (results / "8_report/page.html").is_file()
    assert audit(results, tree).claims > 40
