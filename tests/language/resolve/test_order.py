"""Who needs whom, and the waits of a stop that follow."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.language import load
from tests.pid1.scene import plan_of

if TYPE_CHECKING:
    from pathlib import Path

    from sigroute.pid1.plan import Plan

TERM = 15


def child(name: str, *lines: str) -> str:
    """Return a child's table."""
    return "\n".join((f"[child.{name}]", f'command = ["{name}"]', *lines, ""))


def waits(plan: Plan) -> dict[str, list[str]]:
    """Return whom each child waits for when TERM arrives."""
    names = [each.name for each in plan.children]
    found = {}
    for each in plan.children:
        after = plan.actions[plan.tables[each.running]["outside"][TERM]].after
        if after:
            found[each.name] = [names[index] for index in after]
    return found


def needs(plan: Plan) -> dict[str, list[str]]:
    """Return what each child needs."""
    names = [each.name for each in plan.children]
    return {each.name: [names[index] for index in each.needs] for each in plan.children if each.needs}


def test_a_group_says_what_its_members_need_and_means_its_members_but_oneself() -> None:
    plan = plan_of(
        '[group.app]\nneeds = ["db", "@app", "b"]\n'
        + child("a", 'groups = "app"')
        + child("b", 'groups = "app"', 'needs = "db"')
        + child("c", 'groups = "app"', "needs = []")
        + child("db")
    )
    assert needs(plan) == {"a": ["db", "b", "c"], "b": ["db"]}
    assert waits(plan) == {"db": ["a", "b"], "b": ["a"], "c": ["a"]}


def test_waits_pass_through_tasks_but_not_through_children() -> None:
    plan = plan_of(
        child("db")
        + child("web", 'needs = "two"')
        + child("front", 'needs = "web"')
        + '[task.one]\ncommand = ["1"]\nneeds = "db"\n[task.two]\ncommand = ["2"]\nneeds = "one"\n'
    )
    assert waits(plan) == {"db": ["web", "one", "two"], "web": ["front"], "one": ["web", "two"], "two": ["web"]}


def test_a_wait_that_is_implied_gives_way_to_a_written_one() -> None:
    plan = plan_of(
        child("patroni", 'needs = "configure"')
        + child("pgqd", 'needs = "patroni"', "[child.pgqd.on]", 'stop = { after = "patroni", send = "TERM" }')
        + child("web", 'needs = "patroni"')
        + '[task.configure]\ncommand = ["c"]\n'
    )
    assert waits(plan) == {"patroni": ["web"], "pgqd": ["patroni"], "configure": ["patroni"]}


def test_nobody_and_all() -> None:
    plan = plan_of(
        child("log", "[child.log.on]", 'stop = { after = "all", send = "TERM" }')
        + child("db", "[child.db.on]", 'stop = { after = [], send = "TERM" }')
        + child("web", 'needs = "db"')
        + child("last", "[child.last.on]", 'stop = { after = "log", send = "TERM" }')
        + child("very-last", "[child.very-last.on]", 'stop = { after = "last", send = "TERM" }')
        + '[task.t]\ncommand = ["t"]\n[task.end]\ncommand = ["e"]\nat = "end"\n'
    )
    assert waits(plan) == {"log": ["db", "web", "t"], "last": ["log"], "very-last": ["last"]}


def test_layers_of_restart_ready_and_the_rest(tmp_path: Path) -> None:
    """The child, then its groups, then the top for ``restart``; a task takes neither ``restart`` nor ``on`` of them."""
    path = tmp_path / "rules.toml"
    path.write_text(
        'restart = "always"\n[on]\nHUP = "drop"\n'
        '[group.app]\nready = "5s"\nexited = "tree"\nrestart = { attempts = 3 }\n[group.app.on]\nstop = "INT"\n'
        + child("a", 'groups = "app"')
        + child("b", 'groups = "app"', 'restart = "never"', 'exited = "process"', 'ready = "1s"')
        + child("c")
        + '[task.t]\ncommand = ["t"]\ngroups = "app"\n'
    )
    resolved = load(str(path))
    plan = plan_of(path.read_text())
    a, b, c, task = plan.children
    assert [each.restart and (each.restart.unless, each.restart.attempts) for each in plan.children] == [
        ((0,), 3), None, ((), None), None,
    ]  # fmt: skip
    assert [each.ready and each.ready.after for each in plan.children] == [5000, 1000, None, None]
    assert (a.tree, b.tree, c.tree) == (True, False, False)
    actions = plan.tables[task.running]["outside"]
    assert [plan.actions[actions[number]].origin for number in (1, TERM)] == ["default", "default"]
    assert resolved.children[3].child.task is not None


def test_the_implied_wait_passes_through_one_that_may_be_left_out() -> None:
    plan = plan_of(
        '[group.cache]\nonly-if = "CACHE"\n'
        + child("web", 'needs = "cache"')
        + child("cache", 'groups = "cache"', 'needs = "db"')
        + child("db")
    )
    assert waits(plan) == {"cache": ["web"], "db": ["web", "cache"]}
    assert [[str(each) for each in made.only_if] for made in plan.children] == [[], ["CACHE"], []]
