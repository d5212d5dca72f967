"""Lines in the words of the program that sigroute stands in for, instead of its log."""

from __future__ import annotations

from sigroute.pid1.kernel.mask import description
from sigroute.pid1.kernel.surroundings import own_pid
from sigroute.pid1.kernel.writer import MOST, Writer
from sigroute.pid1.names import number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.compat.role import Says
    from sigroute.pid1.log.narrate import Fields, Line


class Messages:
    """Says what the program would, and no more; as the log does it, never waiting."""

    def __init__(self, says: Says, program: bytes) -> None:
        self.says = says
        self.program = program.decode("utf-8", "replace")
        self.me = own_pid()
        # One for each descriptor, as a writer may have to open one of its own. A closed one comes first: the next to be
        # opened would take its place.
        self.writers = {fd: Writer(fd) for fd in sorted({fd for lines in says.values() for fd, _ in lines})}

    @property
    def silent(self) -> bool:
        """Whether nothing is said whatever happens."""
        return not self.says

    def tell(self, *lines: Line | None) -> None:
        """Say what there is to say of the lines of one step: of a signal, if the first one tells of that."""
        told = [line for line in lines if line is not None]
        arrived = str(told[0][2]["signal"]) if told and told[0][1] == "signal" else ""
        for _level, name, fields in told:
            self._say(arrived, name, fields)

    def _say(self, arrived: str, name: str, fields: Fields) -> None:
        texts = self.says.get(f"{name} {arrived}") or self.says.get(name, ())
        if not texts:
            return
        number = number_of(str(fields.get("signal", "")))
        told = description(number) if number else ""
        values = {**fields, "program": self.program, "me": self.me, "number": number, "told": told}
        for fd, text in texts:
            out = self.writers[fd]
            if out.flush():
                data = text.format_map(values).encode("utf-8", "replace")
                out.write((data if len(data) < MOST else data[: MOST - 4] + b"...") + b"\n")
