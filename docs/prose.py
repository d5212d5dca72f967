# ruff: noqa: INP001 - a part of the script beside it
"""The prose of the pages beside this file, which is Markdown, as the source of man pages."""

from __future__ import annotations

import re
from collections import Counter
from itertools import pairwise
from typing import TYPE_CHECKING

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

from docs import roff

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

FONTS = {"code_inline": "B", "strong": "B", "em": "I"}

Sections = dict[str, str]
"""The headings that a page has, by what a link says for them."""


def parsed(markdown: str) -> list[SyntaxTreeNode]:
    """Return the blocks of a page: its headings and all that stands between them."""
    return SyntaxTreeNode(MarkdownIt("commonmark").enable("table").parse(markdown)).children


def sections(nodes: Iterable[SyntaxTreeNode]) -> Sections:
    """Return the headings among these blocks, as GitHub calls them in links."""
    found, seen = {}, Counter[str]()
    for node in nodes:
        if node.type == "heading":
            slug = re.sub(r"[^\w -]", "", plain(node).lower()).replace(" ", "-")
            found[f"{slug}-{seen[slug]}" if seen[slug] else slug] = plain(node)
            seen[slug] += 1
    return found


def plain(node: SyntaxTreeNode) -> str:
    """Return the text of a block without its marks."""
    return "".join(each.content for each in node.walk() if each.type in ("text", "code_inline"))


def rendered(nodes: Iterable[SyntaxTreeNode], known: Sections) -> list[str]:
    """Return the source of these blocks.

    :param known: the headings of the page that they are put into.
    """
    return [text for node in nodes for text in _block(node, known)]


def _block(node: SyntaxTreeNode, known: Sections) -> Iterator[str]:
    if node.type == "heading":
        yield (roff.section if node.tag == "h2" else roff.subsection)(plain(node))
    elif node.type == "paragraph":
        yield roff.paragraph(_inline(node, known))
    elif node.type in ("fence", "code_block"):
        yield roff.example(node.content)
    elif node.type in ("bullet_list", "ordered_list"):
        yield from _list(node, known)
    elif node.type == "table":
        yield from _table(node, known)
    elif node.type != "html_block":  # that is a comment
        message = f"no man page has a {node.type} yet: docs/prose.py"
        raise NotImplementedError(message)


def _list(node: SyntaxTreeNode, known: Sections) -> Iterator[str]:
    is_numbered = node.type == "ordered_list"
    for number, entry in enumerate(node.children, 1):
        first, *others = entry.children
        mark, width = (f"{number}.", 4) if is_numbered else (r"\(bu", 2)
        yield roff.numbered(mark, _inline(first, known), width)
        if others:
            yield "\n".join([f".RS {width}", *rendered(others, known), ".RE"])


def _table(node: SyntaxTreeNode, known: Sections) -> Iterator[str]:
    """Yield an entry for each row: a table of keys and sentences does not fit a terminal."""
    head, body = node.children
    titles = [_inline(cell, known) for cell in head.children[0].children]
    for row in body.children:
        tag, *cells = (_inline(cell, known) for cell in row.children)
        if titles[-1] == "meaning":
            told = ", ".join(filter(None, map(_about, titles[1:-1], cells)))
            yield roff.item(f"{tag} ({told})" if told else tag, cells[-1])
        elif len(cells) == 1:
            yield roff.item(tag, cells[0])
        else:
            first, *others = (f"{at}: {cell}" for at, cell in zip(titles[1:], cells, strict=True))
            yield "\n.br\n".join([roff.item(tag, first), *map(roff.filled, others)])


def _about(title: str, cell: str) -> str:
    """Return what a cell says of the key before it: its value, or what holds without it."""
    if title == "default" and not cell.startswith("required"):
        return "" if cell == roff.escaped("-") else f"{title}: {cell}"
    return cell


def _inline(node: SyntaxTreeNode, known: Sections, outer: str = "R") -> str:
    """Return the text of a node. Within another font, that goes on after it."""
    parts = []
    for each in node.children:
        font = FONTS.get(each.type)
        if font is not None:
            text = roff.escaped(each.content) if each.type == "code_inline" else _inline(each, known, font)
            parts.append(f"\\f{font}{text}\\f{outer}")
        elif each.type == "link":
            parts.append(_inline(each, known, outer) + roff.escaped(_where(each, known)))
        elif each.type in ("softbreak", "hardbreak"):
            parts.append(" ")
        elif each.type == "inline":
            parts.append(_inline(each, known, outer))
        else:
            parts.append(roff.escaped(each.content))
    return "".join(parts)


def _where(link: SyntaxTreeNode, known: Mapping[str, str]) -> str:
    """Return what has to be said of a link's end where nothing can be clicked."""
    name, _, anchor = str(link.attrs["href"]).partition("#")
    if anchor in known and not name:
        return "" if known[anchor].lower() == plain(link).lower() else f" (see {known[anchor]})"
    if name == "rules.md":
        return " (see sigroute(5))"
    if name in ("", "cli.md"):
        command = re.match(r"sigroute-[a-z]+", anchor)
        return f" (see {command[0] if command else 'sigroute'}(1))"
    return f" (docs/{name})"


def parts(nodes: list[SyntaxTreeNode]) -> dict[str, list[SyntaxTreeNode]]:
    """Return what stands below each heading of the second level, by its text in Markdown."""
    starts = [index for index, node in enumerate(nodes) if node.type == "heading" and node.tag == "h2"]
    return {nodes[at].children[0].content: nodes[at + 1 : end] for at, end in pairwise([*starts, len(nodes)])}
