"""What the page costs a reader: weight, requests, and the time until something is seen.

Run from anywhere, with chromium installed and a page built:
``.venv/bin/python benchmarks/page.py [PAGE ...]``. Times are of a file on this disk, the middle of
several visits, each by a browser window that has seen nothing before.
"""

import gzip
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests"))
VISITS = 7

# Milliseconds since the visit began. Paint is told to those who watch, a moment after it happened.
TIMES = """() => new Promise(tell => {
  const visit = performance.getEntriesByType("navigation")[0];
  new PerformanceObserver(seen => tell({
    "first contentful paint": seen.getEntriesByName("first-contentful-paint")[0].startTime,
    "DOMContentLoaded": visit.domContentLoadedEventEnd,
    "load": visit.loadEventEnd,
  })).observe({type: "paint", buffered: true});
})"""


def main(pages: list[Path]) -> None:
    """Print what each page costs."""
    from page_in_browser import browser, opened

    with browser() as chromium:
        for page in pages:
            visits = []
            for _ in range(VISITS):
                with opened(chromium, page) as one:
                    visits.append(one.page.evaluate(TIMES))
                    elements = one.page.evaluate("document.querySelectorAll('*').length")
            text = page.read_bytes()
            print(page)
            print(
                f"{len(text) / 1e6:9.2f} MB  weight ({len(gzip.compress(text)) / 1e6:.2f} packed)"
            )
            print(f"{elements:9d}     elements")
            print(f"{len(one.requests):9d}     requests, the page itself included")
            for name in visits[0]:
                print(f"{median(visit[name] for visit in visits):9.0f} ms  {name}")


if __name__ == "__main__":
    main(
        [Path(page).resolve() for page in sys.argv[1:]]
        or sorted((ROOT / "results").glob("*/8_report/page.html"))
    )
