"""Random TOML: documents as values, written in any of the forms that TOML has for them."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

BARE = "abcdefghijklmnopqrstuvwxyzABCXYZ0123456789_-"
PLAIN = st.characters(exclude_categories=["Cs", "Cc"])

keys = st.text(BARE, min_size=1, max_size=6) | st.text(PLAIN, max_size=5)
texts = st.text(PLAIN | st.sampled_from("\n\t\"'\\#=[]{},"), max_size=12)
scalars = texts | st.integers(-(10**6), 10**6) | st.booleans() | st.sampled_from([1.5, -2.0])
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(keys, inner, max_size=3), max_leaves=8
)
documents = st.dictionaries(keys, values, max_size=5)


def basic(text: str) -> str:
    escapes = {"\n": "\\n", "\t": "\\t", '"': '\\"', "\\": "\\\\"}
    return '"' + "".join(escapes.get(each, each) for each in text) + '"'


class Writer:
    """Writes a document; ``draw`` chooses among the forms."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw

    def chance(self) -> bool:
        return bool(self.draw(st.booleans()))

    def string(self, text: str) -> str:
        forms = [basic(text)]
        if "'" not in text and "\n" not in text:
            forms.append(f"'{text}'")
        if "'''" not in text and not text.endswith("'"):
            forms.append(f"'''\n{text}'''")
        escaped = text.replace("\\", "\\\\").replace('"', '\\"')
        forms.append(f'"""{"" if escaped[:1] != chr(10) else chr(10)}{escaped}"""')
        forms.append(f'"""\\\n   {escaped}"""' if text[:1].strip() else forms[0])
        return str(self.draw(st.sampled_from(forms)))

    def key(self, name: str) -> str:
        if name and all(each in BARE for each in name) and self.chance():
            return name
        return f"'{name}'" if "'" not in name and self.chance() else basic(name)

    def value(self, value: Any) -> str:
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, str):
            return self.string(value)
        if isinstance(value, list):
            gap = "\n  # a comment ]\n" if self.chance() else " "
            return (
                "["
                + gap
                + f",{gap}".join(map(self.value, value))
                + ("," if value and self.chance() else "")
                + gap
                + "]"
            )
        if isinstance(value, dict):
            return "{ " + ", ".join(f"{self.key(name)} = {self.value(each)}" for name, each in value.items()) + " }"
        return repr(value)

    def document(self, table: dict[str, Any], path: tuple[str, ...] = ()) -> str:
        lines, later = [], []
        for name, value in table.items():
            here = (*path, name)
            if isinstance(value, dict) and self.chance():
                later.append(f"[{' . '.join(map(self.key, here))}]  # ]\n" + self.document(value, here))
            elif isinstance(value, list) and value and all(isinstance(each, dict) for each in value) and self.chance():
                later += [f"[[{'.'.join(map(self.key, here))}]]\n" + self.document(each, here) for each in value]
            elif isinstance(value, dict) and value and self.chance():
                lines += [f"{self.key(name)}.{self.key(inner)} = {self.value(each)}" for inner, each in value.items()]
            else:
                lines.append(f"{self.key(name)} = {self.value(value)} # comment = 1")
        return "\n".join([*lines, *later]) + "\n"


@st.composite
def written(draw: Any, document: st.SearchStrategy[dict[str, Any]] = documents) -> tuple[dict[str, Any], str]:
    """A document and a text that means it."""
    value = draw(document)
    return value, Writer(draw).document(value)
