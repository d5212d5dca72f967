"""Reading options as getopt(3) and getopt_long(3) of the GNU C library do, with the same messages."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence


class OptionError(Exception):
    """An option is unknown or lacks its argument; the message is the C library's."""


class Options:
    """Iterates over the options of a command line. Afterwards ``rest`` holds the other words.

    :param short: the letters, with a colon after each that takes an argument.
    :param long: by long name: the letter that it stands for.
    :param first: options end at the first other word. Otherwise they may stand anywhere before ``--``.
    """

    def __init__(self, words: Sequence[str], short: str, long: Mapping[str, str] | None = None, *, first: bool) -> None:
        self.words = list(words)
        self.short = short
        self.long = long
        self.first = first
        self.rest: list[str] = []

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """Yield the letter of each option, and its argument.

        :raises OptionError: an option is wrong; those before it have been yielded.
        """
        while self.words:
            word = self.words.pop(0)
            if word == "--":
                break
            if not word.startswith("-") or word == "-":
                self.rest.append(word)
                if self.first:
                    break
            elif self.long is not None and word.startswith("--"):
                yield self._long(word[2:], self.long)
            else:
                yield from self._short(word[1:])
        self.rest += self.words

    def _takes(self, letter: str) -> bool:
        return self.short.partition(letter)[2].startswith(":")

    def _short(self, letters: str) -> Iterator[tuple[str, str]]:
        for place, letter in enumerate(letters):
            if letter == ":" or letter not in self.short:
                message = f"invalid option -- '{letter}'"
                raise OptionError(message)
            if self._takes(letter):
                argument = letters[place + 1 :]
                if not argument and not self.words:
                    message = f"option requires an argument -- '{letter}'"
                    raise OptionError(message)
                yield letter, argument or self.words.pop(0)
                return
            yield letter, ""

    def _long(self, word: str, long: Mapping[str, str]) -> tuple[str, str]:
        begun, equals, argument = word.partition("=")
        found = [begun] if begun in long else [name for name in long if name.startswith(begun)]
        if not found:
            message = f"unrecognized option '--{word}'"
            raise OptionError(message)
        if len(found) > 1:
            listed = " ".join([f"'--{name}'" for name in found])
            message = f"option '--{word}' is ambiguous; possibilities: {listed}"
            raise OptionError(message)
        letter = long[found[0]]
        if not self._takes(letter):
            if equals:
                message = f"option '--{found[0]}' doesn't allow an argument"
                raise OptionError(message)
            return letter, ""
        if not equals and not self.words:
            message = f"option '--{found[0]}' requires an argument"
            raise OptionError(message)
        return letter, argument if equals else self.words.pop(0)
