"""What can go wrong with a demo."""


class Trouble(Exception):  # noqa: N818 - it is what the person is told, not an error of the program
    """The demo can't be run; the text says why, and is shown."""
