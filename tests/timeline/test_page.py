"""The page: what a screen reader finds, and that it holds the same picture as the SVG."""

from __future__ import annotations

from html.parser import HTMLParser

from sigroute.timeline.page import page
from sigroute.timeline.svg import svg
from tests.timeline.lines import WEB, timeline


class Elements(HTMLParser):
    """All elements, with their attributes."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))


def elements(title: str = "a title") -> list[tuple[str, dict[str, str | None]]]:
    reader = Elements()
    reader.feed("\n".join(page(timeline(WEB), title)))
    return reader.found


def test_the_picture_is_that_of_the_svg() -> None:
    assert "\n".join(svg(timeline(WEB), "a title", 9_000)) in "\n".join(page(timeline(WEB), "a title", 9_000))


def test_roles_and_labels() -> None:
    found = elements()
    assert ("html", {"lang": "en"}) in found
    assert [tag for tag, _ in found].count("h1") == 1
    (drawn,) = [given for tag, given in found if tag == "svg"]
    ids = {given["id"] for _, given in found if "id" in given}
    assert set((drawn["aria-labelledby"] or "").split()) <= ids
    lists = [given["aria-label"] for _, given in found if given.get("role") == "list"]
    assert lists == ["web", "db", "left behind"]
    bars = [given for _, given in found if given.get("role") == "listitem"]
    assert len(bars) == 9
    assert [given.get("aria-live") for _, given in found if given.get("role") == "status"] == ["polite"]
    assert {given.get("scope") for tag, given in found if tag == "th"} == {"row", "col"}


def test_nothing_comes_from_elsewhere_and_names_are_text() -> None:
    text = "\n".join(page(timeline(WEB), "<script>alert(1)</script>"))
    assert "<script>alert" not in text
    assert text.count("<script>") == 1
    assert "http" not in text.replace("http://www.w3.org/2000/svg", "").replace("http-equiv", "")
    assert "default-src 'none'" in text
    names = {name for _, given in elements() for name in given}
    assert not names & {"src", "href", "onclick", "onload"}
