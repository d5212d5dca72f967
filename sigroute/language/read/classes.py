"""``[signals]``: the classes of a file, together with those of the files that its children are like."""

from __future__ import annotations

from sigroute.language.read.keys import belongs
from sigroute.language.read.model import Edit, RuleFile, Signals
from sigroute.language.read.path import Path
from sigroute.language.read.problems import Mistake, did_you_mean, quote
from sigroute.language.read.reading import Reading, kind_of
from sigroute.language.read.signals import (
    STOP_CLASS,
    STOP_SIGNALS,
    UNRECEIVABLE,
    is_class_name,
    parse_signal,
    part_sender,
    unreceivable,
)
from sigroute.pid1.names import name_of

Member = tuple[bool, int, str | None, Path]
"""Whether it is added or removed, its number, its sender, its place."""

Members = dict[int, frozenset[str] | None]
"""The signals of a class, each with its senders; None: every sender."""

OURS = "sigroute"
"""sigroute itself as a sender. ``stop = ["+WINCH@outside"]`` leaves it in the class: its own stop is still a stop."""


def read_signals(reading: Reading, path: Path, value: object, liked: list[RuleFile]) -> Signals:
    """Return the classes.

    :param liked: the files that children are like, in order; this file's own classes win.
    """
    written = _written(reading, path, value)
    own: dict[str, Members] = {}
    edits: tuple[Edit, ...] = ()
    all_edits: tuple[Edit, ...] = ()
    places: dict[tuple[str, int], Path] = {}
    for name, each in written.items():
        members, signed = _read_class(reading, (*path, name), name, each)
        read = tuple((adds, signal, sender) for adds, signal, sender, _ in members)
        if name == STOP_CLASS and signed:
            edits = read
        elif is_class_name(name):
            own[name] = _edited({}, read)
            places.update({(name, signal): here for _, signal, _, here in members})
    if STOP_CLASS not in own:
        all_edits = tuple(edit for rules in liked for edit in rules.signals.stop_edits) + edits
        own[STOP_CLASS] = _edited(dict.fromkeys(STOP_SIGNALS), all_edits)
        if not own[STOP_CLASS]:
            reading.report((*path, STOP_CLASS), "no signal is left", "nothing could stop this container")
    classes = {name: frozenset(members) for name, members in own.items()}
    _check_members(reading, classes, places)
    only = {signal: found for members in own.values() for signal, found in members.items() if found is not None}
    taken = frozenset[int]().union(*classes.values())
    for rules in liked:
        for name, signals in rules.signals.classes.items():
            if name not in classes and signals - taken:
                classes[name] = signals - taken
                only.update((each, found) for each, found in rules.signals.only.items() if each in classes[name])
                taken |= signals
    return Signals(classes, only, all_edits, tuple(written), edits)


def _written(reading: Reading, path: Path, value: object) -> dict[str, object]:
    """Return the keys that may be classes, and report those that belong elsewhere, such as ``grace``."""
    if not isinstance(value, dict):
        reading.report(path, f"{kind_of(value)} where a table belongs", 'as in { stop = ["+WINCH"] }')
        return {}
    homes = {name: belongs(name, (*path, name)) for name, each in value.items() if not isinstance(each, list)}
    slid = {name: home for name, home in homes.items() if home}
    for name, home in slid.items():
        reading.report((*path, name), f"unknown key {quote(name)}", home, on_key=True)
    return {name: each for name, each in value.items() if name not in slid}


def _edited(members: Members, edits: tuple[Edit, ...]) -> Members:
    members = dict(members)
    for adds, signal, sender in edits:
        before = members.get(signal, frozenset())
        if not adds:
            members.pop(signal, None)
        elif sender is None or before is None:
            members[signal] = None
        else:
            members[signal] = before | {sender, OURS}
    return members


def _read_class(reading: Reading, path: Path, name: str, value: object) -> tuple[list[Member], bool]:
    """Return the members of a class, and whether they have signs: then they edit the built-in class."""
    if not is_class_name(name):
        hint = did_you_mean(name, [STOP_CLASS]) or f"classes are in lower case: {quote(name.lower())}"
        reading.report(path, f"{quote(name)} is no name of a class", hint, on_key=True)
    if not isinstance(value, list):
        shown = quote(value) if isinstance(value, str) else '"USR1"'
        reading.report(path, f"{kind_of(value)} where a list of signals belongs", f"write [{shown}]")
        return [], False
    if not value:
        reading.report(path, "class without signals", "name one, or remove the class")
    members: dict[tuple[int, str | None], Member] = {}
    signed = [isinstance(word, str) and word[:1] in ("+", "-") for word in value]
    for index, word in enumerate(value):
        here = (*path, index)
        read = _read_member(reading, here, word)
        if read is None:
            continue
        signal, sender = read
        adds = not (signed[index] and word[0] == "-")
        if read in members:
            reading.report(here, f"{name_of(signal)} twice", "remove one")
        if sender and not adds:
            hint = f'a rule says it, as in [on] "{name_of(signal)}@{sender}" = "drop"'
            reading.report(here, "a sender where a signal is taken out", hint)
        if signed[index] != signed[0]:
            hint = "signs on all edit the class, signs on none replace it"
            reading.report(here, "signals with and without a sign", hint)
        elif signed[index] and name != STOP_CLASS and is_class_name(name):
            reading.report(
                here, "a sign in a new class", f"only {STOP_CLASS} is built in: write {quote(name_of(signal))}"
            )
        members.setdefault(read, (adds, signal, sender, here))
    return list(members.values()), bool(signed) and signed[0]


def _read_member(reading: Reading, path: Path, word: object) -> tuple[int, str | None] | None:
    if type(word) is int and abs(word) < 10**9:
        sign, text = "", str(word)
    elif isinstance(word, str):
        sign = word[:1] if word[:1] in ("+", "-") else ""
        text = word[len(sign) :]
    else:
        reading.report(path, f"{kind_of(word)} where a signal belongs", 'as in "USR1"')
        return None
    try:
        name, sender = part_sender(text)
        signal = parse_signal(name)
        if signal in UNRECEIVABLE:
            raise unreceivable(signal)
    except Mistake as mistake:
        if isinstance(word, str):
            reading.mistake(path, mistake.moved(len(sign), len(text)))
        else:
            reading.report(path, mistake.message, mistake.hint)
        return None
    return signal, sender


def _check_members(reading: Reading, classes: dict[str, frozenset[int]], places: dict[tuple[str, int], Path]) -> None:
    """Report signals that are in two classes; ``stop`` counts as the first."""
    owner: dict[int, str] = {}
    for name in sorted(classes, key=lambda each: each != STOP_CLASS):
        for signal in sorted(classes[name]):
            if signal in owner:
                hint = "a signal is in one class at most"
                if owner[signal] == STOP_CLASS:
                    hint += f': {STOP_CLASS} = ["-{name_of(signal)}"] takes it out there'
                reading.report(places[name, signal], f"{name_of(signal)}, which is of class {owner[signal]},", hint)
            owner.setdefault(signal, name)
