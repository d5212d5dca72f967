# ruff: noqa: INP001 - a part of the script beside it
"""The man pages: sigroute(1), one for each of its commands, and sigroute(5), the rule file.

Every command in the table of commands has one. Its parser says what it takes, the help text of sigroute what it is for,
docs/cli.md the rest. sigroute(5) is docs/rules.md.
"""

from __future__ import annotations

import re
import tomllib
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from docs import epilog, prose, roff, taken
from sigroute import __version__
from sigroute.cli import COMMANDS
from sigroute.run import parser as main_parser

if TYPE_CHECKING:
    from markdown_it.tree import SyntaxTreeNode

    from sigroute.arguments import Parser

PROJECT = Path(__file__).parent.parent / "pyproject.toml"

#: What to read beside a page, whichever command it is about.
SEE_ALSO = ("sigroute(1)", "sigroute(5)")

#: The manual of Linux that tells what sigroute is made for.
SIGNALS = ("signal(7)", "pid_namespaces(7)")


def pages(rules: str, cli: str) -> dict[str, str]:
    """Return the text of every man page, by its path below ``share/man``.

    :param rules: the page about rules, in Markdown, without the lists of messages.
    :param cli: the page about commands, in Markdown, without what their parsers say.
    """
    nodes = prose.parsed(cli)
    known, told = prose.sections(nodes), prose.parts(nodes)
    made = {"man1/sigroute.1": _of_sigroute(told, known), "man5/sigroute.5": _of_rules(rules)}
    for name, module in COMMANDS.items():
        notes = [each for title, part in told.items() if name in _commands(title) for each in part]
        parser = import_module(module).parser()
        made[f"man1/sigroute-{name}.1"] = _of_command(name, parser, prose.rendered(notes, known))
    return made


def _commands(title: str) -> list[str]:
    """Return the commands that a section of docs/cli.md is about; none: it is about sigroute itself."""
    return [name for name in re.findall(r"`sigroute ([a-z]+)", title) if name in COMMANDS]


def _of_command(name: str, parser: Parser, notes: list[str]) -> str:
    told = epilog.read(parser.epilog or "")
    return _page(
        f"sigroute-{name}",
        taken.purposes()[name],
        {
            "synopsis": [taken.synopsis(form, f"sigroute {name}") for form in taken.forms(parser)],
            "description": [_told(parser.description)],
            "options": taken.options(parser),
            "exit status": told.codes,
            "notes": [*told.notes, *notes],
            "examples": told.examples,
            "see also": [_list(SEE_ALSO)],
        },
    )


def _of_sigroute(told: dict[str, list[SyntaxTreeNode]], known: prose.Sections) -> str:
    parser = main_parser()
    own = {title: part for title, part in told.items() if not _commands(title)}
    codes, below = own.pop("Exit codes"), epilog.read(parser.epilog or "")
    notes = [[roff.subsection(title.replace("`", "")), *prose.rendered(part, known)] for title, part in own.items()]
    every = {name: f"sigroute-{name}(1)" for name in COMMANDS}
    forms = [form for form in taken.forms(parser) if form.split()[1] not in COMMANDS]
    return _page(
        "sigroute",
        _purpose(),
        {
            "synopsis": [taken.synopsis(form, "sigroute") for form in [*forms, "sigroute COMMAND [ARG...]"]],
            "description": [_told(parser.description)],
            "options": taken.options(parser),
            "commands": [roff.item(_reference(every[name]), roff.escaped(taken.purposes()[name])) for name in COMMANDS],
            "exit status": prose.rendered(codes, known),
            "notes": [*below.notes, *(text for part in notes for text in part)],
            "examples": below.examples,
            "see also": [_list((*every.values(), "sigroute(5)", *SIGNALS))],
        },
    )


def _of_rules(rules: str) -> str:
    """Return sigroute(5). What stands before its first section is the description, but for the list of sections."""
    nodes = prose.parsed(rules)
    known, told = prose.sections(nodes), prose.parts(nodes)
    first = next(index for index, node in enumerate(nodes) if node.tag == "h2")
    about = [node for node in nodes[:first] if node.type == "paragraph"]
    parts = {"description": prose.rendered(about, known)}
    parts |= {title: prose.rendered(part, known) for title, part in told.items()}
    others = [f"sigroute-{name}(1)" for name in ("check", "explain", "schema")]
    parts["see also"] = [_list(("sigroute(1)", *others, "signal(7)"))]
    return _page("sigroute", "the rule file: what each signal does to each child", parts, 5)


def _page(name: str, purpose: str, parts: dict[str, list[str]], section: int = 1) -> str:
    head = roff.title(name, section, f"sigroute {__version__}")
    named = [roff.section("name"), f"{roff.escaped(name)} \\- {roff.escaped(purpose)}"]
    body = [text for title, part in parts.items() if part for text in (roff.section(title), *part)]
    return roff.page([head, *named, *body])


def _purpose() -> str:
    """Return what the project says that it is, as it follows its name."""
    said = tomllib.loads(PROJECT.read_text(encoding="utf-8"))["project"]["description"]
    return f"{said[0].lower()}{said[1:]}"


def _told(text: str | None) -> str:
    return roff.paragraph(roff.escaped(" ".join((text or "").split())))


def _list(pages_: tuple[str, ...]) -> str:
    return roff.paragraph(", ".join(map(_reference, pages_)))


def _reference(page: str) -> str:
    """Return the name of a page, such as signal(7), as the manual writes it."""
    name, _, section = page.partition("(")
    return f"{roff.bold(name)}({section}"
