"""A mapping with every kind of evidence, and rows of the spreadsheet that it reads."""

import csv
import io

from livingreview.base.documents import Document
from livingreview.protocol.vocabulary import Vocabulary
from livingreview.records.importing.studies import Imported, imported_studies, read_with_mapping
from livingreview.records.importing.study_headings import Options

HEADINGS = [
    *("study", "name", "year", "setting", "latitude", "outcome", "months"),
    *("events_t", "n_t", "events_c", "n_c", "percent_t", "percent_c", "or", "low", "high", "p"),
    *("said", "chi2", "way", "mean_t", "mean_c", "sd", "url", "page", "note"),
]
MAPPING = """\
blank: [NA]
ignore: [note]
study:
  study_id: {column: study}
  label: {column: name}
  citation: {column: name}
  year: {column: year}
  eligibility: {value: Invented for a test.}
  design: {kind: {value: experimental}, detail: {value: Random assignment.}}
  moderators:
    setting: {column: setting, words: {city: town, rural: village}}
    latitude: {column: latitude}
  risk_of_bias:
    allocation: {judgement: {value: low}, reason: {value: Random.}}
effect:
  outcome: {column: outcome}
  measure: {value: Cases}
  follow_up_months: {column: months}
  treated: {id: {value: visit}, label: {value: Visited}}
  control: {id: {value: usual}, label: {value: Not visited}}
source:
  url: {column: url, value: "https://example.org/all"}
  locator: {column: page}
  kind: {value: full text}
evidence:
  - kind: counts
    treated: {events: {column: events_t}, total: {column: n_t}}
    control: {events: {column: events_c}, total: {column: n_c}}
  - kind: percentages
    treated: {percent: {column: percent_t}, total: {column: n_t}}
    control: {percent: {column: percent_c}, total: {column: n_c}}
  - kind: estimate
    measure: {value: odds_ratio}
    value: {column: or}
    low: {column: low}
    high: {column: high}
    p_value: {column: p}
  - kind: means
    treated: {mean: {column: mean_t}, sd: {column: sd}, total: {column: n_t}}
    control: {mean: {column: mean_c}, sd: {column: sd}, total: {column: n_c}}
  - kind: test
    statistic: {value: chi_squared}
    value: {column: chi2}
    direction: {column: way}
    sizes: {treated: {column: n_t}, control: {column: n_c}}
  - kind: finding
    statement:
      column: said
      words:
        fewer: {direction: decrease, significance: significant}
        n.s.: {direction: none, significance: not_significant}
    sizes: {treated: {column: n_t}, control: {column: n_c}}
"""


def line(**cells: str) -> list[str]:
    """A row with these cells; the rest is a good row without evidence."""
    unknown = set(cells) - set(HEADINGS)
    assert not unknown, unknown
    usual = {
        "study": "alpha_2001",
        "name": "Alpha 2001",
        "year": "2001",
        "setting": "city",
        "latitude": "44.5",
        "outcome": "disease",
        "months": "12",
        "page": "table 1",
    }
    return [(usual | cells).get(heading, "") for heading in HEADINGS]


COUNTS = {"events_t": "4", "n_t": "123", "events_c": "11", "n_c": "139"}


def imported_from(
    file: str,
    content: bytes,
    mapping: Document | None,
    vocabulary: Vocabulary,
    recorded: dict[str, bytes] | None = None,
    **options: str,
) -> list[Imported]:
    """Studies of a spreadsheet, as the command imports them."""
    sheet, made = read_with_mapping(file, content, mapping, vocabulary, Options(**options))
    return imported_studies(sheet, made.document, vocabulary, recorded or {})


def text_of(*lines: list[str], delimiter: str = ",", headings: list[str] = HEADINGS) -> str:
    content = io.StringIO()
    csv.writer(content, delimiter=delimiter, lineterminator="\n").writerows([headings, *lines])
    return content.getvalue()
