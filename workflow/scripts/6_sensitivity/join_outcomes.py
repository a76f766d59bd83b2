"""Join the tables of sensitivity of all outcomes, table by table."""

from livingreview.base.steps import run_step
from livingreview.tables.joining import join_tables

if __name__ == "__main__":
    run_step(join_tables, snakemake)
