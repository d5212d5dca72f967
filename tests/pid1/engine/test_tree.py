"""Who belongs to a child, from one look at the process list."""

from __future__ import annotations

from sigroute.pid1.engine.events import Process
from sigroute.pid1.engine.tree import Forest, alive, tops

ME, CHILD = 1, 10


def row(pid: int, parent: int, group: int | None = None, session: int = ME, state: str = "S") -> Process:
    return Process(pid=pid, parent=parent, group=group or pid, session=session, state=state, start=pid * 100)


def table(*rows: Process) -> Forest:
    return Forest((row(ME, 0), *rows))


def pids(processes: list[Process]) -> set[int]:
    return {each.pid for each in processes}


FAMILY = (row(CHILD, ME), row(11, CHILD, CHILD), row(12, 11, CHILD), row(20, ME), row(21, 20, 20))


def test_descendants_come_after_their_parents_and_without_the_roots() -> None:
    found = table(*FAMILY).descendants([CHILD])
    assert [each.pid for each in found] == [11, 12]


def test_one_that_entered_from_outside_is_nobodys() -> None:
    assert table(row(30, 0), row(31, 30)).descendants([ME]) == []


def test_a_circle_ends() -> None:
    # A parent that is read before, and a pid given anew after: the list is no snapshot.
    assert pids(table(row(5, 6), row(6, 5)).descendants([5])) == {6}


def test_zombies_are_not_alive() -> None:
    assert pids(alive([row(5, ME, state="Z"), row(6, ME, state="X"), row(7, ME, state="T")])) == {7}


def tree(*rows: Process, known: tuple[Process, ...] = (), leads: bool = True) -> set[int]:
    return pids(table(*rows).members(ME, CHILD, known, leads=leads))


def test_a_tree_is_what_descends_and_nobody_elses() -> None:
    assert tree(*FAMILY) == {11, 12}


def test_orphans_of_its_group_are_its_own() -> None:
    assert tree(row(CHILD, ME), row(13, ME, CHILD)) == {13}
    assert tree(row(13, ME, CHILD), leads=False) == {13}


def test_orphans_of_its_session_are_its_own() -> None:
    assert tree(row(CHILD, ME), row(13, ME, session=CHILD)) == {13}


def test_orphans_come_by_number() -> None:
    found = table(row(CHILD, ME), row(24, ME, CHILD), row(13, ME, CHILD)).members(ME, CHILD, (), leads=True)
    assert [each.pid for each in found] == [13, 24]


def test_a_pid_given_anew_takes_nobody_along() -> None:
    # CHILD has been reaped; who has its number now is another.
    assert tree(row(CHILD, 20), row(14, ME, 20), row(20, ME), leads=False) == set()
    # Nor is this one's group the child's: a number is not given anew while a group has it.
    assert tree(row(CHILD, 20), row(13, ME, CHILD), row(20, ME), leads=False) == set()


def test_one_of_it_that_has_been_given_the_pid_of_the_first_is_still_of_it() -> None:
    heir = row(CHILD, ME, 14)
    assert tree(heir, known=(heir,), leads=False) == {CHILD}


def test_what_left_for_a_session_of_its_own_is_followed_by_what_was_known() -> None:
    daemon = row(15, ME, session=15)
    assert tree(row(CHILD, ME), daemon) == set()
    assert tree(row(CHILD, ME), daemon, row(16, 15), known=(daemon,)) == {15, 16}
    assert tree(row(CHILD, ME), daemon, known=(daemon.but(start=1),)) == set()
    # Its orphan is in its group, whether the daemon is there or has gone.
    assert tree(row(CHILD, ME), daemon, row(16, ME, 15), known=(daemon,)) == {15, 16}
    assert tree(row(CHILD, ME), row(16, ME, 15), known=(daemon,)) == {16}


def test_who_has_got_a_pid_within_the_same_tick_is_not_of_the_tree() -> None:
    known = row(15, 11, CHILD)
    other = known.but(parent=20, group=20)
    family = (row(CHILD, ME), row(20, ME))
    assert tree(*family, row(11, CHILD, CHILD), other, known=(known,)) == {11}
    assert tree(*family, row(11, CHILD, CHILD), other.but(parent=ME), known=(known,)) == {11, 15}
    assert tree(*family, other, known=(known,)) == {15}, "its parent has gone: somebody has adopted it"


def test_one_that_leads_a_group_by_now_is_still_of_the_tree_below_whoever_has_adopted_it() -> None:
    known = row(15, 2, CHILD)
    assert tree(row(2, 0), known.but(group=15), known=(known,), leads=False) == {15}


def test_one_that_another_has_adopted_is_known_by_its_group_once_its_parents_pid_is_another_ones() -> None:
    known = row(15, 11, CHILD)
    assert tree(row(2, 0), row(20, 0), row(11, 20), known.but(parent=2), known=(known,), leads=False) == {15}


def test_who_shares_sigroutes_own_group_is_not_taken_for_a_childs() -> None:
    assert tree(row(CHILD, ME, ME), row(17, ME, ME)) == set()


def test_a_group_has_its_living_members_but_who_entered_from_outside() -> None:
    inside, elsewhere = row(13, ME, CHILD, CHILD), row(14, ME, session=CHILD)
    assert pids(table(inside, elsewhere, row(15, 0, CHILD), row(16, ME, CHILD, state="Z")).group(CHILD)) == {13}


def test_who_is_adopted_is_a_child_of_sigroutes_that_it_has_not_started() -> None:
    assert table(row(20, ME), row(21, ME), row(22, 21)).adopted(ME, {20}) == {21}


def test_the_tops_are_those_without_a_parent_in_the_tree_from_whom_somebody_meant_descends() -> None:
    members = (row(11, ME), row(12, 11), row(13, 12), row(14, ME))
    assert tops(members, members[2:3]) == {11}
    assert tops(members, members) == {11, 14}
    assert tops((row(5, 6), row(6, 5)), (row(5, 6),)) == set()
