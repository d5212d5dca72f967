"""The man pages: what man(1) shows of them, and what it says against them."""

from __future__ import annotations

import re
import shutil
import subprocess
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING

import pytest

from docs import epilog, prose, roff
from sigroute.cli import COMMANDS
from sigroute.language import keys_of
from sigroute.run import parser as main_parser
from tests.real.require import need
from tests.test_docs import ROOT, reference

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.arguments import Parser

FOLDER = ROOT / "docs" / "man"
PAGES = sorted(FOLDER.rglob("*.[15]"))

#: As man-pages(7) has them.
ORDER = ["NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "COMMANDS", "EXIT_STATUS", "NOTES", "EXAMPLES", "SEE_ALSO"]

#: The pages have no date, so that they are the same every day: their version says what they are about.
DATE = 'WARNING: missing date, using "": TH'


def said(*command: str | Path) -> tuple[str, str]:
    """Return what a command prints, and what it complains of."""
    done = subprocess.run(command, check=False, capture_output=True, timeout=60, env={"PATH": "/usr/bin:/bin"})
    return done.stdout.decode(), done.stderr.decode()


@cache
def shown(page: Path, columns: int = 2000) -> str:
    """Return a page as man shows it, in so wide a terminal that every paragraph is one line."""
    need(shutil.which("man"), "man (Debian: man-db)")
    text, complaints = said("env", f"MANWIDTH={columns}", "man", "--warnings=w", "-E", "UTF-8", "-l", page)
    assert complaints == ""
    return text


def parts(page: Path) -> dict[str, str]:
    """Return what is below each heading of a page, by the heading."""
    _, *found = re.split(r"(?m)^([A-Z][A-Z ,]*)$", shown(page))
    return dict(zip(found[::2], found[1::2], strict=True))


def page_of(name: str) -> Path:
    return FOLDER / "man1" / (f"sigroute-{name}.1" if name else "sigroute.1")


def parser_of(name: str) -> Parser:
    made: Parser = import_module(COMMANDS[name]).parser() if name else main_parser()
    return made


def test_they_are_up_to_date() -> None:
    made = reference().man_pages()
    assert {str(page.relative_to(FOLDER)): page.read_text() for page in PAGES} == made, "run: python docs/reference.py"
    assert all(page.read_bytes().isascii() for page in PAGES)


def test_every_command_has_one() -> None:
    assert sorted([*map(page_of, ["", *COMMANDS]), FOLDER / "man5" / "sigroute.5"]) == PAGES
    commands = parts(page_of(""))["COMMANDS"]
    assert re.findall(r"(?m)^ {7}(\S+)", commands) == [f"sigroute-{name}(1)" for name in COMMANDS]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_formatter_has_anything_against_them(page: Path) -> None:
    need(shutil.which("mandoc"), "mandoc")
    complaints = "".join(said("mandoc", "-Tlint", "-Wwarning", page))
    assert [line for line in complaints.splitlines() if not line.endswith(DATE)] == []
    divided = re.findall(r"\w+\u2010$", shown(page, 80), re.MULTILINE)
    assert divided == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_whatis_finds_them(page: Path) -> None:
    need(shutil.which("lexgrog"), "lexgrog (Debian: man-db)")
    text, complaints = said("lexgrog", page)
    assert complaints == ""
    assert re.fullmatch(rf'{page}: "{page.stem} - \S.*[^.]"\n', text)


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_the_sections_are_those_of_every_manual(name: str) -> None:
    found = [each.replace(" ", "_") for each in parts(page_of(name))]
    assert found == [each for each in ORDER if each in found]
    assert {"NAME", "SYNOPSIS", "DESCRIPTION", "OPTIONS", "SEE_ALSO"} <= set(found)


@pytest.mark.parametrize("name", ["", *COMMANDS])
def test_every_option_is_there_with_its_help(name: str) -> None:
    options = parts(page_of(name))["OPTIONS"]
    for action in parser_of(name)._actions:  # noqa: SLF001 - argparse has no other list of them
        tag = r"(?: \S+)?, ".join(map(re.escape, action.option_strings)) or re.escape(str(action.metavar or ""))
        helped = re.escape(" ".join(((action.help or "") % vars(action)).split()))
        assert re.search(rf"(?m)^ {{7}}{tag}[^\n]*?\s+{helped}$", options), action


@pytest.mark.parametrize("name", COMMANDS)
def test_the_end_of_the_help_is_there(name: str) -> None:
    text, found = parser_of(name).epilog or "", parts(page_of(name))
    codes = re.findall(r"(?:^|,)\s+(\d+) ", text.partition("xit codes:")[2])
    assert re.findall(r"(?m)^ {7}(\d+) ", found.get("EXIT STATUS", "")) == codes
    words = set(re.findall(r"\w+", text.lower())) - {"codes"}  # there they are a status
    assert words <= set(re.findall(r"\w+", shown(page_of(name)).lower()))


def test_the_examples_are_lines_of_their_own() -> None:
    bash = "sigroute completion bash >/usr/share/bash-completion/completions/sigroute"
    assert f"\n           {bash}\n" in parts(page_of("completion"))["EXAMPLES"]
    assert "\n           COPY --from=build /tini /usr/bin/tini\n" in parts(page_of("compile"))["EXAMPLES"]
    assert "\n           sigroute --rules nginx -- nginx -g 'daemon off;'\n" in parts(page_of(""))["EXAMPLES"]


@pytest.mark.parametrize("kind", [kind for _, kind in reference().TABLES])
def test_every_key_is_there_with_its_meaning(kind: type) -> None:
    page = shown(FOLDER / "man5" / "sigroute.5").partition("\nEVERY KEY\n")[2]
    for name, field in keys_of(kind).items():
        begins = re.escape(re.split(r"[\[`*]", field.metadata["meaning"])[0].strip())
        assert re.search(rf"(?m)^ {{7}}{name} \([^\n]*\)\s+\S?{begins}|^ {{7}}{name}\s+{begins}", page), name


def test_the_prose_is_there() -> None:
    page = shown(FOLDER / "man5" / "sigroute.5")
    text = prose.parsed((ROOT / "docs" / "rules.md").read_text())
    for title in prose.parts(text):
        assert f"\n{title.upper()}\n" in page
    assert "has consequences (see Stop, drain, exit)." in page
    assert "child by child (see sigroute-check(1))" in page
    assert "](" not in page


NASTY = ["..", ".SH no heading", "'no request", r"a \fBbackslash\n \\", "--option -o", '"quoted" `so`', "~^µ…|{}[]"]


def test_what_troff_reads_as_its_own_is_only_text(tmp_path: Path) -> None:
    page = tmp_path / "nasty.1"
    whole = [roff.title("nasty", 1, '"0.1"'), roff.section('"a" \\ heading'), roff.example("\n".join(NASTY))]
    page.write_text(roff.page([*whole, *(roff.paragraph(roff.escaped(each)) for each in NASTY)]))
    assert page.read_bytes().isascii()
    lines = [line.strip() for line in shown(page).splitlines()]
    assert [line for line in lines if line in NASTY] == [*NASTY, *NASTY]
    assert '"A" \\ HEADING' in lines
    assert '"0.1"' in lines[-1]
    assert [each for each in "".join(said("mandoc", "-Tlint", page)).splitlines() if "ERROR" in each] == []


def test_long_texts_have_one_blank_after_a_sentence(tmp_path: Path) -> None:
    page = tmp_path / "long.1"
    text = " ".join(f"This sentence is number {number}, and ends (as it has to)." for number in range(50))
    page.write_text(roff.page([roff.title("long", 1, "0"), roff.section("name"), roff.paragraph(roff.escaped(text))]))
    assert f"       {text}\n" in shown(page, 9000)


MARKDOWN = """A **bold `word`** and [a link](#below), one to [another page](timeline.md#x), to [below](#below).

- an entry
- another

  with two paragraphs

| a | b | c |
| --- | --- | --- |
| `x` | 1 | 2 |

## Below
"""


def test_prose(tmp_path: Path) -> None:
    nodes = prose.parsed(MARKDOWN)
    page = tmp_path / "prose.1"
    whole = [roff.title("prose", 1, "0"), roff.section("name"), *prose.rendered(nodes, prose.sections(nodes))]
    page.write_text(roff.page(whole))
    text = shown(page)
    assert "A bold word and a link (see Below), one to another page (docs/timeline.md), to below.\n" in text
    assert re.search(r"\n {7}. an entry\n\n {7}. another\n\n {9}with two paragraphs\n", text)
    assert "\n       x      b: 1\n              c: 2\n" in text
    with pytest.raises(NotImplementedError, match="no man page has a hr yet"):
        prose.rendered(prose.parsed("---\n"), {})


def test_an_end_without_examples() -> None:
    assert epilog.read("") == ([], [], [])
    told = epilog.read("Exit codes: 0 it is,\nhowever long, 74 not, 128+n signal n.")
    assert told.codes == [
        ".TP 7\n\\fB0\\fR\nit is, however long",
        ".TP 7\n\\fB74\\fR\nnot",
        ".TP 7\n\\fB128+n\\fR\nsignal n",
    ]
    assert epilog.read("exit codes:\n  the command's own\n  64 bad usage   78 bad rules").codes[1:] == [
        ".TP 7\n\\fB64\\fR\nbad usage",
        ".TP 7\n\\fB78\\fR\nbad rules",
    ]
