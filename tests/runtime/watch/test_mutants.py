"""Each byte of a table that means something: if it is another, the watch does something else, which these tests see."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, NamedTuple

import pytest

from sigroute.pid1.entry.command import complete
from sigroute.pid1.plan import Launch
from sigroute.static.asked import ARRIVING, NOT_ROUTED, SIGNALS
from sigroute.static.table import ENTRY, HEAD, table_of
from tests.pid1.world import ALL_SIGNALS
from tests.runtime.log.built import SANITIZED
from tests.runtime.watch.machine import SI_KERNEL, Info, Machine

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.runtime.watch.runs import Watch

#: A mutant may read past the texts. In the product no such table is read: the payload's hash forbids it.
pytestmark = pytest.mark.skipif(SANITIZED in os.environ, reason="a mutant may read what is not its own")

#: Where the fields of struct table are (runtime/src/table.h); each has four bytes, but for those of one.
STOPS, GRACE, LEVEL, STAMP, PLAIN, ENDS, TERMINAL, TAKES = 8, 16, 24, 28, 32, 33, 34, 35
ADOPTED, STARTED, REAPED, EXITED, LOST_BEFORE = 48, 56, 60, 64, 68
KILLED = 76
CODES = KILLED + 4 * (SIGNALS + 1)
KILLED_CODES = CODES + 256
ADOPTS = KILLED_CODES + SIGNALS + 1
FIRST = HEAD.size + ENTRY.size * len(ARRIVING) * (SIGNALS + 1)

KIND, SIGNAL, GROUP, PID, LINES = 0, 1, 2, 4, 8

RULES = """
[on]
stop = "QUIT 5s KILL"
USR1 = { send = "USR2", scope = "process-group" }
[exit]
map = { 3 = 0, 143 = 9 }
"""

#: From each sender (plan.SENDERS): its si_code and pid.
CODE_OF = {"tty": (SI_KERNEL, 0), "outside": (0, 0), "inside": (0, 7)}


class Seen(NamedTuple):
    """What a history comes to; whether Python was needed counts, too."""

    code: int
    done: list[tuple[object, ...]]
    log: bytes
    brought_up: int


class Case:
    """Rules, and their table, which can be run with any of its bytes changed."""

    def __init__(self, watch: Watch) -> None:
        from tests.pid1.scene import plan_of  # noqa: PLC0415 - it compiles

        plan = plan_of(RULES)
        self.watch = watch
        self.launch = Launch(plan=plan, log_level="info")
        self.table = table_of(self.launch)
        self.launch = self.launch.but(plan=complete(plan, (b"server",)))

    def run(self, *infos: Info, status: int = 0, signal: int = 0, handled: int = ALL_SIGNALS, **more: object) -> Seen:
        """Let signals arrive; then the child ends."""
        left = list(infos)

        def happen(machine: Machine) -> None:
            child = machine.living()[0]
            child.handled = handled
            if left:
                machine.post(left.pop(0))
            else:
                machine.die(child, status, signal)

        machine = Machine(happen)
        machine.me = 77 if more.get("child") else 1
        table = more.get("table", self.table)
        assert isinstance(table, bytes)
        self.watch.calls.faults, self.watch.calls.forced = {}, {}
        log = os.memfd_create("log")
        fails = b"a test" if more.get("falls") else None
        try:
            code = self.watch.run(self.launch, table, machine, log, fails=fails)
            return Seen(code, machine.done, os.pread(log, 1 << 20, 0), self.watch.brought_up)
        finally:
            os.close(log)

    def changed(self, at: int, byte: int) -> bytes:
        assert self.table[at] != byte
        return self.table[:at] + bytes([byte]) + self.table[at + 1 :]


@pytest.fixture(scope="module", name="case")
def _case(watch: Watch) -> Case:
    return Case(watch)


def mutants(case: Case, at: int) -> Iterator[bytes]:
    """Yield tables in which a byte of an entry that means something is another."""
    kind, signal, group, _, lines = ENTRY.unpack_from(case.table, at)
    yield from (case.changed(at + KIND, other) for other in range(3) if other != kind)
    if kind:
        yield case.changed(at + SIGNAL, (signal ^ 1) or 2)
        yield case.changed(at + LINES, case.table[at + LINES] ^ 0x40)
        yield case.changed(at + LINES + 1, case.table[at + LINES + 1] ^ 0x01)
        assert lines
    if kind and signal:
        yield case.changed(at + GROUP, not group)
        yield case.changed(at + PID, 101)


@pytest.mark.parametrize("sender", range(len(ARRIVING)))
def test_every_byte_of_an_entry(case: Case, sender: int) -> None:
    code, pid = CODE_OF[ARRIVING[sender]]
    # From a terminal come those that it sends alone (termios(3)); all others of the kernel's are from inside.
    for number in (1, 2, 3, 18, 20, 28) if code == SI_KERNEL else range(1 + sender, SIGNALS + 1, 5):
        if number in NOT_ROUTED:
            continue
        at = HEAD.size + ENTRY.size * (sender * (SIGNALS + 1) + number)
        info = Info(number, code, pid)

        def both(table: bytes, info: Info) -> tuple[object, ...]:
            try:
                return case.run(info, table=table), case.run(info, table=table, handled=0)
            except BaseException as error:  # noqa: BLE001 - such as a signal to a process that is not there
                return (repr(error),)

        right = both(case.table, info)
        for table in mutants(case, at):
            what = [each - at for each in range(len(table)) if table[each] != case.table[each]]
            assert both(table, info) != right, (ARRIVING[sender], number, what)


def test_every_exit_code(case: Case) -> None:
    for status in (*range(0, 256, 15), 143):
        assert case.run(status=status).code == case.launch.plan.exit_code(status, asked=False)
        table = case.changed(CODES + status, case.table[CODES + status] ^ 1)
        assert case.run(status=status, table=table).code != case.run(status=status).code


def test_every_end_by_a_signal(case: Case) -> None:
    for number in range(1, SIGNALS + 1, 3):
        right = case.run(status=128 + number, signal=number)
        assert right.code == case.launch.plan.exit_code(128 + number, asked=False)
        for at in (KILLED_CODES + number, KILLED + 4 * number):
            table = case.changed(at, case.table[at] ^ 0x20)
            assert case.run(status=128 + number, signal=number, table=table) != right


@pytest.mark.parametrize("at", [PLAIN, ENDS, TAKES, ADOPTS, ADOPTED, STARTED, EXITED, STAMP, LEVEL])
def test_every_byte_of_the_head(case: Case, at: int) -> None:
    table = case.changed(at, case.table[at] ^ (2 if at == LEVEL else 1))
    seen = [(case.run(table=each), case.run(child=True, table=each)) for each in (case.table, table)]
    assert seen[0] != seen[1]


def test_the_stop_signals(case: Case) -> None:
    """One that the watch does not know as such comes after the exit, so that nobody has asked for that."""
    right = case.table[STOPS : STOPS + 8]
    assert int.from_bytes(right, "little") == sum(1 << each - 1 for each in case.launch.plan.stop_signals)


def test_the_first_signals(case: Case) -> None:
    """Where Python can't be brought up."""
    for sender, number in ((0, 1), (2, 1), (2, 10), (2, 12), (2, 40)):
        info = Info(number, SI_KERNEL) if sender == 0 else Info(number, -1, 7)  # a value is never the platform's
        asked = HEAD.size + ENTRY.size * (sender * (SIGNALS + 1) + number) + KIND
        base = case.table[:asked] + b"\0" + case.table[asked + 1 :]
        at = FIRST + ENTRY.size * (sender * (SIGNALS + 1) + number)
        right = [case.run(info, table=base, falls=True, handled=each) for each in (0, ALL_SIGNALS)]
        kind, signal, group, _, _ = ENTRY.unpack_from(base, at)
        for place, other in ((SIGNAL, signal ^ 1), (GROUP, not group), (KIND, 3 - kind)):
            table = base[: at + place] + bytes([other]) + base[at + place + 1 :]
            assert [case.run(info, table=table, falls=True, handled=each) for each in (0, ALL_SIGNALS)] != right


@pytest.mark.parametrize("at", [0, 4])
def test_a_table_of_another_format_or_size_is_refused(case: Case, at: int) -> None:
    seen = case.run(table=case.changed(at, case.table[at] ^ 1))
    assert (seen.code, seen.done, seen.brought_up) == (126, [], 0)
