"""Names of the pages, for the workflow and the audit as well."""

from __future__ import annotations

# Files of the pages, and how others name them. All lie in one folder.
PAGES = {
    "page.html": "The evidence",
    "brief.html": "Brief, to print",
    "sensitivity.html": "What the answer hangs on",
    "checks.html": "How sound it is",
    "records.html": "Study by study, and references",
    "methods.html": "How this was computed",
}
RECORDS_PAGE = "records.html"
