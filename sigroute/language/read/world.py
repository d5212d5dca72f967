"""The model of a process's world: what it finds when it starts, as a rule file says it.

Each field that is a key of a rule file is made by ``key``.
"""

# ruff: noqa: RUF009 - key() is attrs.field(), with what docs/rules.md needs to know

from __future__ import annotations

import attrs

from sigroute.language.read.fields import key

Limit = tuple[int, int]
"""The soft and the hard limit; -1: unlimited."""


@attrs.frozen(eq=False, repr=False, kw_only=True)
class World:
    """What a child's process finds when it starts. In a field, None means that nothing is said here."""

    user: str | None = key(
        "user",
        'Its user: `"app"`; `"app:www-data"`, with another group than its own; `"1000:1000"`. Unless a group is named,'
        " it has all that /etc/group gives the user. HOME, USER and LOGNAME follow, unless `env` says otherwise. A"
        " number without an entry in /etc/passwd needs its group; its HOME is `/`.",
        shown="sigroute's",
        default=None,
    )
    extra_groups: tuple[str, ...] | None = key(
        "extra-groups",
        "Groups that it is in as well; `[]` is none. Those beside a `user` in one table are for that user: a child with"
        " another user of its own does not get them.",
        name="extra-groups",
        default=None,
    )
    cwd: str | None = key("absolute", "The directory that it starts in.", shown="sigroute's", default=None)
    umask: int | None = key("umask", 'Its file mode creation mask: `"027"`.', shown="sigroute's", default=None)
    env: dict[str, str | bool] | None = key(
        "env",
        "Its environment, by name. A string sets a variable, `false` removes it, `true` keeps what was inherited,"
        ' whatever outer layers set. `"*"` and `"POD_*"`, with `true` or `false`, are for all inherited variables of'
        " such a name: the longest name wins.",
        shown="inherited",
        default=None,
    )
    env_file: tuple[str, ...] | None = key(
        "env-file",
        "A file with lines NAME=VALUE, or a list of them; `[]` is none. They are read at each start; no shell expands"
        " anything.",
        name="env-file",
        default=None,
    )
    limits: dict[str, Limit] | None = key(
        "limits",
        "Its resource limits, by their names in getrlimit(2), in lower case and without RLIMIT_:"
        ' `{ nofile = 65536, core = "0:unlimited" }`, soft and hard.',
        shown="inherited",
        default=None,
    )
    nice: int | None = key("nice", "How little it insists on the processor.", shown="inherited", default=None)
    output: str | None = key(
        "output",
        'Where its standard output and error go: `"inherit"`; `"tag"`, there as well, each line with the child\'s name'
        ' before it; `"null"`, nowhere; or a path of a file that they are appended to.',
        shown='`"inherit"`',
        default=None,
    )
