"""What can go wrong with a demo."""


class Trouble(Exception):  # noqa: N818 - a message for the user, and not an error of the program
    """The demo can't be run; the user is shown the text, which says why."""
