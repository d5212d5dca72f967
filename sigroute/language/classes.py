"""``[signals]``: the classes of a file, and what it takes over of those that its children are like."""

from __future__ import annotations

from sigroute.language.keys import belongs
from sigroute.language.model import RuleFile, Signals
from sigroute.language.path import Path
from sigroute.language.problems import Mistake, did_you_mean, quote
from sigroute.language.reading import Reading, kind_of
from sigroute.language.signals import STOP, STOP_SIGNALS, UNRECEIVABLE, is_class_name, parse_signal, unreceivable
from sigroute.pid1.names import name_of

Member = tuple[bool, int, Path]
"""Whether it is added, its number, its place."""


def read_signals(reading: Reading, path: Path, value: object, liked: list[RuleFile]) -> Signals:
    """Return the classes.

    :param liked: the files that children are like, in order; what this one says itself wins.
    """
    written = _written(reading, path, value)
    own: dict[str, frozenset[int]] = {}
    edits: tuple[tuple[bool, int], ...] = ()
    replaced = False
    all_edits: tuple[tuple[bool, int], ...] = ()
    places: dict[tuple[str, int], Path] = {}
    for name, each in written.items():
        members, signed = _read_class(reading, (*path, name), name, each)
        if name == STOP and signed:
            edits = tuple((adds, signal) for adds, signal, _ in members)
        elif is_class_name(name):
            replaced = replaced or name == STOP
            own[name] = frozenset(signal for _, signal, _ in members)
            places.update({(name, signal): here for _, signal, here in members})
    if not replaced:
        inherited = tuple(edit for rules in liked for edit in rules.signals.edits)
        all_edits = inherited + edits
        own[STOP] = _edited(frozenset(STOP_SIGNALS), all_edits)
        if not own[STOP]:
            reading.report((*path, STOP), "no signal is left", "nothing could stop this container")
    _check_members(reading, own, places)
    taken = frozenset[int]().union(*own.values())
    for rules in liked:
        for name, signals in rules.signals.classes.items():
            if name not in own and signals - taken:
                own[name] = signals - taken
                taken |= signals
    return Signals(own, all_edits, tuple(written), edits)


def _written(reading: Reading, path: Path, value: object) -> dict[str, object]:
    """Return what may be a class; what is no list may be a key that belongs elsewhere, such as ``grace``."""
    if not isinstance(value, dict):
        reading.report(path, f"{kind_of(value)} where a table belongs", 'as in { stop = ["+WINCH"] }')
        return {}
    homes = {name: belongs(name, (*path, name)) for name, each in value.items() if not isinstance(each, list)}
    slid = {name: home for name, home in homes.items() if home}
    for name, home in slid.items():
        reading.report((*path, name), f"unknown key {quote(name)}", home, on_key=True)
    return {name: each for name, each in value.items() if name not in slid}


def _edited(signals: frozenset[int], edits: tuple[tuple[bool, int], ...]) -> frozenset[int]:
    for adds, signal in edits:
        signals = signals | {signal} if adds else signals - {signal}
    return signals


def _read_class(reading: Reading, path: Path, name: str, value: object) -> tuple[list[Member], bool]:
    """Return the members of a class, and whether they edit what was there."""
    if not is_class_name(name):
        hint = did_you_mean(name, [STOP]) or f"classes are in lower case: {quote(name.lower())}"
        reading.report(path, f"{quote(name)} is no name of a class", hint, on_key=True)
    if not isinstance(value, list):
        shown = quote(value) if isinstance(value, str) else '"USR1"'
        reading.report(path, f"{kind_of(value)} where a list of signals belongs", f"write [{shown}]")
        return [], False
    if not value:
        reading.report(path, "class without signals", "name one, or remove the class")
    members: dict[int, Member] = {}
    signed = [isinstance(word, str) and word[:1] in ("+", "-") for word in value]
    for index, word in enumerate(value):
        here = (*path, index)
        signal = _read_member(reading, here, word)
        if signal is None:
            continue
        if signal in members:
            reading.report(here, f"{name_of(signal)} twice", "remove one")
        if signed[index] != signed[0]:
            hint = "signs on all edit the class, signs on none replace it"
            reading.report(here, "signals with and without a sign", hint)
        elif signed[index] and name != STOP and is_class_name(name):
            reading.report(here, "a sign in a new class", f"only {STOP} is built in: write {quote(name_of(signal))}")
        members.setdefault(signal, (not (signed[index] and word[0] == "-"), signal, here))
    return list(members.values()), bool(signed) and signed[0]


def _read_member(reading: Reading, path: Path, word: object) -> int | None:
    if type(word) is int and abs(word) < 10**9:
        sign, text = "", str(word)
    elif isinstance(word, str):
        sign = word[:1] if word[:1] in ("+", "-") else ""
        text = word[len(sign) :]
    else:
        reading.report(path, f"{kind_of(word)} where a signal belongs", 'as in "USR1"')
        return None
    try:
        signal = parse_signal(text)
        if signal in UNRECEIVABLE:
            raise unreceivable(signal)
    except Mistake as mistake:
        if isinstance(word, str):
            reading.mistake(path, mistake.moved(len(sign), len(text)))
        else:
            reading.report(path, mistake.message, mistake.hint)
        return None
    return signal


def _check_members(reading: Reading, classes: dict[str, frozenset[int]], places: dict[tuple[str, int], Path]) -> None:
    """Report signals that are in two classes; ``stop`` was there first."""
    owner: dict[int, str] = {}
    for name in sorted(classes, key=lambda each: each != STOP):
        for signal in sorted(classes[name]):
            if signal in owner:
                hint = "a signal is in one class at most"
                if owner[signal] == STOP:
                    hint += f': {STOP} = ["-{name_of(signal)}"] takes it out there'
                reading.report(places[name, signal], f"{name_of(signal)}, which is of class {owner[signal]},", hint)
            owner.setdefault(signal, name)
