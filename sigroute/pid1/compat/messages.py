"""The messages of the program that sigroute stands in for, in place of sigroute's log."""

from __future__ import annotations

from sigroute.pid1.kernel.abi import PIPE_BUF
from sigroute.pid1.kernel.mask import description
from sigroute.pid1.kernel.surroundings import own_pid
from sigroute.pid1.kernel.writer import Writer
from sigroute.pid1.names import number_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.compat.role import Says
    from sigroute.pid1.log.narrate import Fields, Line


class Messages:
    """Writes the lines that the program would write; like the log, it never waits."""

    def __init__(self, says: Says, program: bytes) -> None:
        self.says = says
        self.program = program.decode("utf-8", "replace")
        self.me = own_pid()
        # One writer for each descriptor. The lowest descriptor comes first: a writer may open a descriptor of its own,
        # and that takes the lowest free number (open(2)), so a closed standard one must be seen as closed before.
        self.writers = {fd: Writer(fd) for fd in sorted({fd for lines in says.values() for fd, _ in lines})}

    @property
    def silent(self) -> bool:
        """No line is ever written."""
        return not self.says

    def tell(self, *lines: Line | None) -> None:
        """Write the messages for the log lines of one step; the first line may be the arrival of a signal."""
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
                out.write((data if len(data) < PIPE_BUF else data[: PIPE_BUF - 4] + b"...") + b"\n")
