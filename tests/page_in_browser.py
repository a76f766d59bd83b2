"""The report page in Debian's chromium: opened, unfolded, walked through, and asked questions."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, sync_playwright

CHROMIUM = shutil.which("chromium")

# Text that leaves a block around it, unless that block scrolls: at its sides it is cut, or lies on
# something else. Figures are left out, as their words are outlines.
TEXT_OUTSIDE = """() => {
  const found = [];
  const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (texts.nextNode()) {
    const text = texts.currentNode, parent = text.parentElement;
    if (!text.data.trim() || parent.closest("svg, style, .skip")) continue;
    if (!parent.checkVisibility()) continue;
    const range = document.createRange();
    range.selectNodeContents(text);
    const boxes = [...range.getClientRects()];
    for (let block = parent; block; block = block.parentElement) {
      const style = getComputedStyle(block);
      if (style.display === "inline") continue;
      if (["auto", "scroll"].includes(style.overflowX)) break;
      const edge = block.getBoundingClientRect();
      if (boxes.some(box => box.right > edge.right + 1 || box.left < edge.left - 1)) {
        found.push(`${block.tagName} ${block.className}: ${text.data.trim().slice(0, 60)}`);
        break;
      }
    }
  }
  return found;
}"""

# Frames that scroll sideways, and cannot be reached without a pointer.
FRAMES_OUT_OF_REACH = """() => [...document.querySelectorAll("body *")]
  .filter(e => ["auto", "scroll"].includes(getComputedStyle(e).overflowX))
  .filter(e => e.scrollWidth > e.clientWidth && e.tabIndex < 0)
  .map(e => e.outerHTML.slice(0, 80))"""

# What the keyboard must reach, in order; of a group of radio buttons, the chosen one.
REACHABLE = """() => [...document.querySelectorAll(
    "a[*|href], summary, input, button, [tabindex='0']"
  )]
  .filter(e => e.checkVisibility() && (e.type !== "radio" || e.checked))
  .map(e => [...document.querySelectorAll("body *:not(svg *), svg a")].indexOf(e))"""

# The element with the focus, or nothing when that has left the page.
FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const style = getComputedStyle(e);
  const boxes = [...e.getClientRects()].filter(box => box.width && box.height);
  const on_screen = box =>
    box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
  const seen = boxes.filter(on_screen).some(box => {
    const x = Math.max(1, Math.min(innerWidth - 1, (box.left + box.right) / 2));
    const y = Math.max(1, Math.min(innerHeight - 1, (box.top + box.bottom) / 2));
    const top = document.elementFromPoint(x, y);
    return top && (e.contains(top) || top.contains(e));
  });
  return {
    place: [...document.querySelectorAll("body *:not(svg *), svg a")].indexOf(e),
    html: e.outerHTML.slice(0, 120),
    closed: e.tagName === "SUMMARY" && !e.parentElement.open,
    outlined: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
    seen,
  };
}"""

# Anchors that lead nowhere, or to what is not shown when a link leads there.
ANCHORS_NOT_SHOWN = """anchors => anchors.filter(anchor => {
  location.hash = "#" + anchor;
  const target = document.querySelector(":target");
  if (!target || target.id !== anchor || !target.checkVisibility()) return true;
  const box = target.getBoundingClientRect();
  return box.width === 0 || box.bottom < 0 || box.top > innerHeight;
})"""


# Which of some elements are shown, and what they say.
SHOWN = "elements => elements.filter(e => e.checkVisibility()).map(e => e.id)"
SHOWN_WITHIN = """elements => elements.filter(e => e.checkVisibility())
  .map(e => e.querySelector("[id]").id)"""
WORDS = "elements => elements.filter(e => e.checkVisibility()).map(e => e.innerText)"


@dataclass
class Opened:
    """A page in the browser, with all that it asked for and all that the browser said of it."""

    page: Page
    requests: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)


@contextmanager
def browser() -> Iterator[Browser]:
    """Start chromium, and end it."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM)
        yield started
        started.close()


@contextmanager
def opened(chromium: Browser, file: Path, **context: Any) -> Iterator[Opened]:
    """Open a file in a window of its own; `context` is what Playwright's contexts can be given."""
    with chromium.new_context(**context) as window:
        one = Opened(window.new_page())
        one.page.on("request", lambda request: one.requests.append(request.url))
        one.page.on("console", lambda message: one.messages.append(message.text))
        one.page.on("pageerror", lambda error: one.messages.append(str(error)))
        one.page.goto(file.as_uri())
        yield one


def unfold(page: Page) -> None:
    """Open all that can be opened."""
    page.evaluate("document.querySelectorAll('details').forEach(e => { e.open = true; })")


def empty_figures(page: Page) -> None:
    """Take the outlines out of figures: they have no words, and reading them takes minutes."""
    page.evaluate(
        "document.querySelectorAll('figure svg')"
        ".forEach(e => e.replaceChildren(...e.querySelectorAll('a, title, desc')))"
    )


def tab_through(page: Page, most: int = 5000) -> list[dict[str, Any]]:
    """Press Tab until the focus leaves the page, and Enter on all that is closed."""
    stops: list[dict[str, Any]] = []
    for _ in range(most):
        page.keyboard.press("Tab")
        stop = page.evaluate(FOCUSED)
        if stop is None:
            return stops
        stops.append(stop)
        if stop["closed"]:
            page.keyboard.press("Enter")
    raise AssertionError(f"the focus does not leave the page in {most} steps")


def faults(page: Page, rules: list[str] | None = None) -> list[str]:
    """What axe finds: rule, how grave, where."""
    empty_figures(page)
    options: dict[str, Any] = {"resultTypes": ["violations"]}
    if rules:
        options["runOnly"] = {"type": "rule", "values": rules}
    found = Axe().run(page, options=options)
    return [
        f"{fault['id']} ({fault['impact']}): {node['target']}"
        for fault in found.response["violations"]
        for node in fault["nodes"]
    ]
