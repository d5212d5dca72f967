"""From a rule file to a plan for a simulated start: with variables from the command line, and some command."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.arguments import complain, variable
from sigroute.language import RuleError, compile_plan, load, outline
from sigroute.pid1.entry.expand import expanded
from sigroute.pid1.entry.values import VariablesError

if TYPE_CHECKING:
    from sigroute.arguments import Parser
    from sigroute.language import Resolved
    from sigroute.pid1.plan import Plan


def add_env(parser: Parser, condition: str = "") -> None:
    """Add ``--env``.

    :param condition: when it means something, in front of its help text.
    """
    parser.add_argument(
        "--env", action="append", default=[], metavar="NAME=VALUE", type=variable,
        help=f"{condition}a variable that sigroute finds when it starts; may be repeated",
    )  # fmt: skip


def planned(file: str, environ: dict[bytes, bytes]) -> tuple[Resolved, Plan] | None:
    """Return the rules of a file and their plan; None: there is none, and a message has told why."""
    try:
        resolved = load(file)
        return resolved, expanded(whole(resolved), environ)
    except RuleError as error:
        complain(str(error))
    except VariablesError as error:
        complain(f"{error}\n      or name it here: --env NAME=VALUE")
    return None


def whole(resolved: Resolved) -> Plan:
    """Return the plan of rules, its variables not yet replaced. CMD stands for the command, if the rules take one."""
    return compile_plan(resolved, (b"CMD",) if outline(resolved).command is not None else ())
