"""``sigroute [--rules ...] CMD``: from the command line to the plan that PID 1 runs by."""

from __future__ import annotations

import argparse
import os
from typing import TYPE_CHECKING

from sigroute import __version__
from sigroute.arguments import Parser, add_log, add_on, complain
from sigroute.pid1.exit_codes import BAD_RULES, USAGE
from sigroute.pid1.kernel.addresses import LONGEST_PATH
from sigroute.pid1.plan import Launch

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sigroute.pid1.plan import Plan

USAGE_TEXT = """sigroute [--rules FILE|NAME] [--on KEY=ACTION]... [--log text|json]
                [--log-level LEVEL | --quiet] [--journal FILE] [--control PATH]
                [--] CMD [ARG...]
       sigroute status                           what a running sigroute does
       sigroute metrics                          what it has counted, as OpenMetrics text
       sigroute exporter [--listen ADDRESS]      serve that to Prometheus
       sigroute send NAME SIGNAL                 a signal for one of its children
       sigroute stop NAME                        stop one of them, and keep it down
       sigroute start NAME                       start it again
       sigroute restart NAME                     stop it and start it again
       sigroute events --follow                  what happens, as it happens
       sigroute check [OPTION...] FILE|NAME...   what rules say, and what is wrong with them
       sigroute explain FILE|NAME SIGNAL...      what will happen when these signals arrive
       sigroute timeline LOG|JOURNAL             what has happened, as a picture
       sigroute replay JOURNAL [--rules NEW]     check a journal, or try other rules on it
       sigroute compile FILE|NAME -o INIT        make one file of rules and sigroute, for an image
       sigroute compile --as NAME -o INIT        the same of tini, dumb-init or catatonit
       sigroute rules [show NAME]                the bundled rules
       sigroute convert supervisord.conf         a rule file for what supervisord or a Procfile runs
       sigroute schema                           the JSON Schema of rule files, for editors
       sigroute completion bash|zsh|tcsh         a script that completes words in a shell
       sigroute help [COMMAND]                   what COMMAND --help prints
       sigroute --as NAME [--print-rules] ARG... be as tini, dumb-init or catatonit
       sigroute demo                             see two stops, with and without sigroute"""

DESCRIPTION = """Run CMD as the init (PID 1) of a container: signals reach it as the rules say, and every
zombie is reaped. Without rules, stop signals are forwarded (as TERM, if CMD handles
only that). Any other signal is dropped if CMD has no handler for it and would die."""

EPILOG = """examples:
  sigroute --rules nginx -- nginx -g 'daemon off;'
  sigroute --on 'stop=5s TERM 30s KILL' -- gunicorn app:app

exit codes:
  the command's own, 128+n when signal n ended it (or what [exit] in the rules says)
  64 bad usage   78 bad rules, nothing was started   126 CMD can't be run   127 CMD not found"""


def parse(words: list[str]) -> argparse.Namespace:
    """Return what the command line asks for: ``rules``, ``on``, ``log``, ``log_level``, ``command``.

    :raises SystemExit: it is wrong, which has been reported, or asks for an answer, which was given.
    """
    options = parser().parse_args(words)
    options.command = options.command[1:] if options.command[:1] == ["--"] else options.command
    return options


def prepare(options: argparse.Namespace, words: list[str], commands: Iterable[str]) -> Launch:
    """Return the plan and the options of its log.

    :param words: the whole command line.
    :param commands: the other commands of sigroute: their first words.
    :raises SystemExit: the rules are wrong, or do not fit the command line; it has been reported.
    """
    from sigroute.language import RuleError, UsageError, compile_plan, load  # noqa: PLC0415 - it takes 20 ms to import
    from sigroute.pid1.entry.expand import expanded  # noqa: PLC0415 - as above
    from sigroute.pid1.entry.values import VariablesError  # noqa: PLC0415 - as above
    from sigroute.pid1.kernel.surroundings import environment  # noqa: PLC0415 - as above

    try:
        plan = compile_plan(load(options.rules, options.on), [os.fsencode(word) for word in options.command])
        plan = with_files(expanded(plan, environment()), options)
    except (RuleError, VariablesError) as error:
        raise SystemExit(fail(str(error), BAD_RULES)) from None
    except UsageError as error:
        raise SystemExit(fail(f"sigroute: {error} (sigroute --help tells more)", USAGE)) from None
    notes = misspelt(words, commands)
    return Launch(plan=plan, log_format=options.log, log_level=options.log_level, notes=notes)


def with_files(plan: Plan, options: argparse.Namespace) -> Plan:
    """Return a plan with the journal and the control socket that the command line names, if it does.

    :raises SystemExit: it names what can't be one, which has been reported.
    """
    if options.journal == "":
        raise SystemExit(fail("sigroute: --journal needs the name of a file", USAGE))
    if options.journal is not None:
        plan = plan.but(journal=os.fsencode(options.journal))
    if options.control is None:
        return plan
    path = os.fsencode(options.control)
    if not path.startswith(b"/") or len(path) > LONGEST_PATH:
        message = f"sigroute: --control needs a path from the root, of {LONGEST_PATH} bytes at most (unix(7))"
        raise SystemExit(fail(message, USAGE))
    return plan.but(control=path)


def misspelt(words: list[str], commands: Iterable[str]) -> tuple[str, ...]:
    """Return a note if the program does not exist and its name resembles a command of sigroute."""
    word = words[0] if words else ""
    if word[:1] in ("", "-") or "/" in word or any(os.access(f"{path}/{word}", os.X_OK) for path in os.get_exec_path()):
        return ()
    from sigroute.language import did_you_mean, quote  # noqa: PLC0415 - few need it

    hint = did_you_mean(word, list(commands))
    return (f"no program {quote(word)} in PATH: {hint}",) if hint else ()


def parser() -> Parser:
    """Return the parser of the main command."""
    made = Parser("sigroute", DESCRIPTION, usage=USAGE_TEXT, epilog=EPILOG)
    made.add_argument("--rules", metavar="FILE|NAME", help="the rules: a file, or the name of bundled ones")
    add_on(made)
    add_log(made)
    made.add_argument("--version", action="version", version=f"sigroute {__version__}")
    made.add_argument("command", nargs=argparse.REMAINDER, metavar="CMD", help="the command to run, and its arguments")
    return made


def fail(text: str, code: int) -> int:
    """Report why nothing is started, on standard error, as there is no log yet."""
    complain(text)
    return code
