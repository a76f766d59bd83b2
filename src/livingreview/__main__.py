"""The command `livingreview`, also `python -m livingreview`: keep a review's files in order."""

import sys

import typer

from livingreview.base.errors import Stop
from livingreview.commands.check import check
from livingreview.commands.import_csv import import_csv
from livingreview.commands.new_review import new_review
from livingreview.commands.new_study import new_study
from livingreview.commands.preview import preview
from livingreview.commands.reading_list import reading_list
from livingreview.commands.release import release
from livingreview.commands.trace import trace

app = typer.Typer(
    help="Keep the files of a review in order. `make results` builds the review itself.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.command()(new_review)
app.command()(new_study)
app.command()(check)
app.command()(preview)
app.command()(import_csv)
app.command()(reading_list)
app.command()(release)
app.command()(trace)


def main() -> None:
    """Run the command; what is wrong with the input is told plainly, with exit status 1."""
    try:
        app(prog_name="livingreview")
    except Stop as error:
        sys.exit(f"{error}")
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        sys.exit(f"{where}{error.strerror}. Nothing was changed by this run.")


if __name__ == "__main__":
    main()
