"""The environment of a process whose rules say more of it than that it is inherited.

It comes together in this order: what sigroute has itself, HOME USER LOGNAME of the process's user, the files of
``env-file``, ``env``. Names and values are bytes, as in the kernel (environ(7)).
"""

from __future__ import annotations

from sigroute.pid1.kernel.regular import contents
from sigroute.pid1.kernel.unmet import shown, unmet, wrong

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.plan import World

    Variables = dict[bytes, bytes]

#: Bytes: the most that a file may have.
MOST = 256 << 10

BOM = b"\xef\xbb\xbf"


def environment(world: World, inherited: Variables, of_user: Variables) -> Variables:
    """Return the environment.

    :raises CannotRunError: a file can't be read, or has a line that is no variable.
    """
    named = {name: rule for name, rule in world.env.items() if name[-1:] != b"*"}
    patterns = [(name[:-1], rule) for name, rule in world.env.items() if name[-1:] == b"*"]
    made = {
        name: value
        for name, value in inherited.items()
        if name and is_kept(name, patterns)  # no program can ask for one without a name
    }
    made |= of_user
    for path in world.env_files:
        made |= read(path)
    for name, rule in named.items():
        if rule is False:
            made.pop(name, None)
        elif rule is not True:
            made[name] = rule
        elif name in inherited:
            made[name] = inherited[name]
    return made


def is_kept(name: bytes, patterns: list[tuple[bytes, bytes | bool]]) -> bool:
    """Tell whether the longest prefix that fits keeps an inherited variable; one that none fits is kept."""
    fitting = [(len(prefix), rule) for prefix, rule in patterns if name.startswith(prefix)]
    return max(fitting)[1] is not False if fitting else True


def read(path: bytes) -> Variables:
    """Return the variables in a file.

    :raises CannotRunError: it can't be read, or has a line that is no variable.
    """
    where = f"env-file {shown(path)}"
    try:
        data = contents(path, MOST)
    except OSError as error:
        unmet(where, error)
    made: Variables = {}
    for number, line in enumerate(data.removeprefix(BOM).split(b"\n"), 1):
        text = line.removesuffix(b"\r").lstrip()
        if text and text[:1] != b"#":
            name, equals, value = text.partition(b"=")
            trouble = trouble_with(name, equals, value)
            if trouble:
                wrong(f"{where}, line {number}: {trouble}")
            made[name] = value
    return made


def trouble_with(name: bytes, equals: bytes, value: bytes) -> str:
    """Return what is wrong with a line; nothing if it is a variable. The line itself may be secret."""
    if not equals:
        return 'it has no "=" (a line is NAME=VALUE)'
    if not name:
        return 'it has no name before "="'
    if name.split() != [name]:
        return 'a blank before "=" (a line is NAME=VALUE; no shell reads it, so there is no "export")'
    if b"\0" in name + value:
        return "it has a NUL byte"
    return ""
