"""The engine's guarantees as laws over one event and what came of it: each states what any history must obey.

They know the plan and what happened, and believe the state only where another law holds it to that: so when a wait
ends is computed from its beginning, a status taken from the event that brought it, a tree read from the list.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sigroute.pid1 import effects as fx
from sigroute.pid1 import events as ev
from sigroute.pid1.engine import step
from sigroute.pid1.plan import ANY_CODE, ANY_SIGNAL
from sigroute.pid1.state import AFTER, EXITED, LINGERING, READY, RUNNING, SENDING, STAGES, STARTING, UNSTARTED, Arrival
from tests.pid1.world import CONT, KILL, ME, STOP_SIGNALS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sigroute.pid1.effects import Effect
    from sigroute.pid1.events import Event, Process
    from sigroute.pid1.plan import Plan, Step
    from sigroute.pid1.state import Child, Progress, State
    from tests.pid1.world import World

    Steps = Sequence[Step]

#: docs/rules.md: the same signal within this many milliseconds is a duplicate.
DUPLICATE = 200
TERM = 15
RUNS = (STARTING, READY)
#: What is told of a repeat, and of what else changes an action under way.
REPEATS = {"duplicate", "next", "replaced", "once-more", "ignored"}
CHANGES = {"next", "replaced", "once-more", "cancelled", "run-ok", "run-failed"}


class Moment:
    """One event, with the world it happened to."""

    def __init__(self, world: World, before: State, event: Event, after: State, effects: list[Effect]) -> None:
        self.plan, self.now = world.plan, world.now
        self.before, self.event, self.after, self.effects = before, event, after, effects
        #: ``grace`` is over: nothing but its own laws holds.
        self.over = after.stop is not None and after.stop.over

    def living(self) -> Iterator[tuple[int, Child, Child]]:
        """Yield the children that run before and after."""
        for index, old in enumerate(self.before.children):
            new = self.after.children[index]
            if old.phase in RUNS and new.phase in RUNS:
                yield index, old, new

    def said(self, index: int) -> set[str]:
        """Return what was told of a child."""
        return {each.what for each in self.effects if isinstance(each, fx.Say) and each.child == index}

    def kills(self, index: int) -> list[fx.Kill]:
        """Return what a child, or its group, gets for its actions, but the CONT that wakes it."""
        found = [each for each in self.effects if isinstance(each, fx.Kill) and each.child == index]
        return [each for each in found if each.origin not in ("run", "grace") and each.signal != CONT]

    def ran(self, index: int) -> bool:
        """Tell whether a command is run for a child."""
        return any(isinstance(each, fx.Run) and each.child == index for each in self.effects)

    def acted_on(self) -> Iterator[tuple[int, Arrival, int | None]]:
        """Yield each child for which exactly one signal comes to act, the signal, and which ones the child handles."""
        for index, old, new in self.living():
            if isinstance(self.event, ev.Inspected) and self.event.child == index:
                if len(old.inbox) == 1 and not old.held and not new.inbox:
                    yield index, old.inbox[0], self.event.handled
            elif (old.phase, old.inbox, old.held, new.inbox) == (READY, (), (), ()):
                if isinstance(self.event, ev.Signal):
                    yield index, Arrival(signal=self.event.signal, sender=self.event.sender), None
                elif self.before.stop is None and self.after.stop is not None and not self.after.stop.asked:
                    yield index, self.after.stop.arrival, None

    def lookup(self, index: int, arrival: Arrival) -> int:
        """Return the action that the plan has for this."""
        child = self.plan.children[index]
        phases = {state.children[index].phase for state in (self.before, self.after)}
        ready = bool(phases & {READY, LINGERING}) or not child.program
        return self.plan.tables[child.ready if ready else child.starting][arrival.sender][arrival.signal]


def burst(steps: Steps, arrival: Arrival) -> list[int]:
    """Return what is sent at once, at the beginning of a chain."""
    sent = []
    for each in steps:
        if each.wait:
            break
        sent.append(each.signal or arrival.signal)
    return sent


def leads_to_kill(steps: Steps) -> bool:
    """Tell whether KILL is among what is sent at the end of the present wait."""
    first, *rest = steps
    return KILL in burst([first.but(wait=0), *rest], Arrival(signal=TERM, sender="tty"))


def under_way(child: Child, number: int, *, stop: bool) -> Progress | None:
    """Return the action that a signal repeats."""
    for each in child.progress:
        if each.stop == stop and (stop or each.action == number):
            return each
    return None


class Actions:
    """1, 4: what a signal does, by the plan."""

    def a_signal_does_what_is_written(self, now: Moment) -> None:
        if now.over:
            return
        for index, arrival, handled in now.acted_on():
            number = now.lookup(index, arrival)
            action = now.plan.actions[number]
            missing = handled is not None and not handled >> (arrival.signal - 1) & 1
            if action.do == "drop":
                self._nothing(now, index, "dropped")
            elif action.do == "hold":
                assert now.said(index) & {"held", "held-already"}
                assert not now.kills(index)
            elif action.guard and missing:
                self._nothing(now, index, "protected")
            else:
                assert not now.said(index) & {"dropped", "protected", "held"}
                self._begins_or_repeats(now, index, number, arrival)

    def _nothing(self, now: Moment, index: int, why: str) -> None:
        assert why in now.said(index)
        assert not now.kills(index)
        assert not now.ran(index)
        assert now.after.children[index].progress == now.before.children[index].progress

    def _begins_or_repeats(self, now: Moment, index: int, number: int, arrival: Arrival) -> None:
        stop = arrival.signal in now.plan.stop
        old = under_way(now.before.children[index], number, stop=stop)
        if old is not None:
            self._repeats(now, index, old, arrival)
            return
        action = now.plan.actions[number]
        assert not now.said(index) & REPEATS, "nothing was under way"
        if action.after:
            return
        if action.run:
            assert now.ran(index)
            assert not now.kills(index), "send comes after the command"
        elif action.scope != "tree":
            assert [each.signal for each in now.kills(index)] == burst(action.steps, arrival)

    def _repeats(self, now: Moment, index: int, old: Progress, arrival: Arrival) -> None:
        action = now.plan.actions[old.action]
        new = next((each for each in now.after.children[index].progress if each.id == old.id), None)
        last = old.counted.get(arrival.signal)
        how = action.again.get(arrival.signal, action.again.get(ANY_SIGNAL))
        sent = [each.signal for each in now.kills(index)]
        said = now.said(index) & REPEATS
        if last is not None and now.now - last < DUPLICATE:
            assert said == {"duplicate"}
            assert new == old, "a duplicate changes something"
        elif isinstance(how, tuple):
            assert said == {"replaced"}
            assert new is None or not new.repeat
            if action.scope != "tree":
                assert sent == burst(how, arrival)
        elif how == "next" and old.due is not None and not leads_to_kill(old.steps):
            assert said == {"next"}
            assert new is None or new.look or len(new.steps) < len(old.steps)
            assert KILL not in sent
        elif how == "repeat":
            assert said == {"once-more"}
            assert new is None or new.repeat or not new.steps
            assert new is not None or old.stage == SENDING
            if new is None and not action.run and action.scope != "tree":
                assert sent == burst(action.steps, old.arrival)
        else:
            assert said == {"ignored"}
            assert new == old.but(counted={**old.counted, arrival.signal: now.now}), "4: a repeat changes something"

    def what_a_child_left_behind_begins_nothing(self, now: Moment) -> None:
        """Where its process is all that a child means; and the default protects what it left, whatever it means."""
        for index, old in enumerate(now.before.children):
            if old.phase != LINGERING or now.over:
                continue
            new = now.after.children[index]
            begun = {each.id for each in new.progress} - {each.id for each in old.progress}
            exited = not now.plan.children[index].tree
            if exited and not any(each.repeat for each in old.progress) and "once-more" not in now.said(index):
                assert not begun
                assert not now.ran(index)
            if not isinstance(now.event, ev.Signal):
                continue
            action = now.plan.actions[now.lookup(index, Arrival(signal=now.event.signal, sender=now.event.sender))]
            if action.do == "send" and action.guard:
                self._nothing(now, index, "protected")

    def what_a_child_left_behind_holds_up_no_stop(self, now: Moment) -> None:
        stops = now.after.stop is not None and (now.before.stop is None or isinstance(now.event, ev.Signal))
        arrival = now.after.stop.arrival if now.after.stop is not None else Arrival(signal=TERM, sender="tty")
        if isinstance(now.event, ev.Signal):
            arrival = Arrival(signal=now.event.signal, sender=now.event.sender)
        if not stops or arrival.signal not in now.plan.stop or now.over:
            return
        for index, child in enumerate(now.after.children):
            action = now.plan.actions[now.lookup(index, arrival)]
            first = not any(each.stop for each in now.before.children[index].progress)
            if child.phase == LINGERING and not now.plan.children[index].tree:
                dropped = action.do != "send" or action.guard
                assert dropped or not first or all(each.stop for each in child.progress)

    def nobody_else_is_reached(self, now: Moment) -> None:
        """3: a process of a child's is one that descends from it, did when last looked at, or was left by those."""
        if not isinstance(now.event, ev.Listed):
            return
        actions = {each.origin for each in now.plan.actions}
        rows = {each.pid: each for each in now.event.processes or ()}
        for effect in now.effects:
            if isinstance(effect, fx.KillOther) and effect.origin in actions:
                assert rows[effect.pid].start == effect.start
                assert effect.pid in family(rows, now.before.children[effect.child])

    def an_action_is_under_way_once(self, now: Moment) -> None:
        """4: what repeats an action begins no second one."""
        for child in now.after.children:
            which = [(each.stop, 0 if each.stop else each.action) for each in child.progress]
            assert len(which) == len(set(which))

    def arrivals_stay_counted(self, now: Moment) -> None:
        """A moment that was counted is one at which that signal came, also when the action begins anew."""
        for index, old, new in now.living():
            for each in new.progress:
                before = [one for one in old.progress if one.action == each.action and one.stop == each.stop]
                for signal, moment in each.counted.items():
                    known = before[0].counted.get(signal) if before else None
                    assert moment in (now.now, known)
                    arrived = isinstance(now.event, ev.Signal) and now.event.signal == signal
                    arrived = arrived or any(one.signal == signal for one in old.inbox)
                    arrived = arrived or any(one.arrival.signal == signal for one in old.held)
                    unasked = now.before.stop is None and now.after.stop is not None
                    assert moment == known or arrived or unasked, f"c{index}: {signal} did not arrive now"

    def the_scope_is_reached(self, now: Moment) -> None:
        """A group where a group is written, and all that descends from the child where its tree is."""
        actions = {each.origin: each for each in now.plan.actions}
        for effect in now.effects:
            if isinstance(effect, fx.Kill) and effect.origin in actions:
                scope = actions[effect.origin].scope
                # Of a stop that is told late the child alone is woken: no list is asked for.
                blind = not isinstance(now.event, ev.Stopped) and not (
                    isinstance(now.event, ev.Listed) and now.event.processes
                )
                assert effect.group == (scope == "process-group" or (scope == "tree" and blind))
                if scope == "tree" and isinstance(now.event, ev.Listed):
                    got = {each.pid for each in now.effects if isinstance(each, fx.KillOther)}
                    below = descendants(now.event.processes or (), effect.pid)
                    assert {each.pid for each in below} <= got, "part of the tree is left out"

    def who_is_stopped_is_woken(self, now: Moment) -> None:
        """After each signal of a stop action, and of no other, what is stopped gets CONT."""
        for position, effect in enumerate(now.effects):
            if not isinstance(effect, (fx.Kill, fx.KillOther)) or effect.signal in (KILL, CONT, *STOP_SIGNALS):
                continue
            stops = self._stops(now, effect)
            if len(stops) != 1:
                continue  # not an action's, or a stop and another one by the same entry
            if isinstance(effect, fx.Kill):
                stopped = now.before.children[effect.child].stopped
            else:
                assert isinstance(now.event, ev.Listed)
                stopped = any(each.pid == effect.pid and each.state == "T" for each in now.event.processes or ())
            woken = now.effects[position + 1 : position + 2] == [effect.but(signal=CONT)]
            assert woken == (stopped and True in stops), effect

    def _stops(self, now: Moment, effect: fx.Kill | fx.KillOther) -> set[bool]:
        if effect.child == fx.NOBODY or effect.origin in ("run", "grace", "drain"):
            return set()
        old, new = now.before.children[effect.child], now.after.children[effect.child]
        found = {each.stop for each in (*old.progress, *new.progress) if _origin(now, each) == effect.origin}
        coming = [each.signal for each in old.inbox] + [each.arrival.signal for each in old.held]
        coming += [now.event.signal] if isinstance(now.event, ev.Signal) else []
        return found | {signal in now.plan.stop for signal in coming}

    def who_turns_out_to_be_stopped_is_woken_once(self, now: Moment) -> None:
        """A stop action has sent it a signal meanwhile; what it stopped of may have come before that."""
        if not isinstance(now.event, ev.Stopped):
            return
        assert all(isinstance(each, fx.Lend) or getattr(each, "signal", 0) == CONT for each in now.effects)
        for index, old, new in now.living():
            owing = [each for each in old.progress if each.owes and old.pid == now.event.pid]
            woken = [each for each in now.effects if isinstance(each, fx.Kill) and each.child == index]
            assert len(woken) == len(owing)
            assert all(each.stop for each in old.progress if each.owes)
            assert not owing or not any(each.owes for each in new.progress)

    def what_is_owed_was_sent(self, now: Moment) -> None:
        for index, old, new in now.living():
            known = {each.id for each in old.progress if each.owes}
            for each in new.progress:
                sent = any(one.origin == _origin(now, each) for one in now.kills(index))
                assert not each.owes or each.id in known or sent

    def stopped_is_what_the_kernel_says(self, now: Moment) -> None:
        for index, old, new in now.living():
            if isinstance(now.event, (ev.Stopped, ev.Continued)) and now.event.pid == new.pid:
                assert new.stopped == isinstance(now.event, ev.Stopped)
            else:
                assert new.stopped == old.stopped, index


def _origin(now: Moment, progress: Progress) -> str:
    return now.plan.actions[progress.action].origin


def descendants(processes: Sequence[Process], root: int) -> list[Process]:
    """Return the living that descend from a process."""
    found, parents = [], {root}
    for _ in processes:
        new = [each for each in processes if each.parent in parents and each.pid not in parents]
        if not new:
            break
        parents |= {each.pid for each in new}
        found += new
    return [each for each in found if each.state not in "ZX"]


def family(rows: dict[int, Process], child: Child) -> set[int]:
    """Return who may belong to a child, by one list and the last look."""
    alive = {child.pid} if child.phase in RUNS else set()
    same = {pid for pid, start in child.members if pid in rows and rows[pid].start == start}
    gone = {pid for pid, _ in (*child.members, (child.pid, 0)) if pid not in rows}
    leaders = alive | same | gone
    orphans = {each.pid for each in rows.values() if each.parent == ME and {each.group, each.session} & leaders}
    roots = alive | same | orphans
    return roots | {each.pid for root in roots for each in descendants(list(rows.values()), root)}


class Waits:
    """4: every wait begins when it is its turn, lasts as long as is written, and is begun once."""

    def a_wait_lasts_as_long_as_is_written(self, now: Moment) -> None:
        if now.over:
            return
        for index, old, new in now.living():
            after = {each.id: each for each in new.progress}
            for each in old.progress:
                if each.stage == SENDING and not now.said(index) & CHANGES:
                    self._goes_on(now, each, after.get(each.id))
                    self._is_sent(now, index, each, after.get(each.id))
            for each in new.progress:
                known = next((one for one in old.progress if one.id == each.id), None)
                if known is None or (known.stage, known.steps, known.due) != (each.stage, each.steps, each.due):
                    self._begins(now, each)

    def _goes_on(self, now: Moment, old: Progress, new: Progress | None) -> None:
        left = len(new.steps) if new is not None else 0
        taken = old.steps[: len(old.steps) - left]
        assert new is None or new.steps == old.steps[len(taken) :], "another chain"
        if taken:
            first, *rest = taken
            assert not first.wait or (old.due is not None and old.due <= now.now), "cut short"
            assert not any(each.wait for each in rest), "left out"
        elif new is not None and old.due is not None:
            assert new.due == old.due, "begun anew"

    def _is_sent(self, now: Moment, index: int, old: Progress, new: Progress | None) -> None:
        """Every step that was taken was sent, in its turn."""
        taken = old.steps[: len(old.steps) - (len(new.steps) if new is not None else 0)]
        sent = iter([each.signal for each in now.kills(index) if each.origin == _origin(now, old)])
        assert all((each.signal or old.arrival.signal) in sent for each in taken), "not sent"

    def what_is_to_be_done_once_more_is(self, now: Moment) -> None:
        for index, old, new in now.living():
            for each in new.progress:
                assert not each.repeat or each.stage != SENDING or each.steps, "it has ended"
            left = {each.id for each in new.progress}
            for each in old.progress:
                if now.over or not each.repeat or each.id in left or now.said(index) & {"replaced", "cancelled"}:
                    continue
                again = any(one.id > each.id and one.action == each.action for one in new.progress)
                sent = [one.signal for one in now.kills(index) if one.origin == _origin(now, each)]
                action = now.plan.actions[each.action]
                assert again or len(sent) >= len(action.steps) or action.run, "once more is forgotten"

    def _begins(self, now: Moment, each: Progress) -> None:
        if each.stage == SENDING and each.steps and each.steps[0].wait and not each.look:
            assert each.due == now.now + each.steps[0].wait
        if each.stage != SENDING:
            assert each.due is None

    def what_is_due_is_done(self, now: Moment) -> None:
        if isinstance(now.event, ev.Tick) and not now.over:
            for child in now.after.children:
                assert not any(each.due is not None and each.due <= now.now for each in child.held)
                for each in child.progress:
                    assert each.look or each.due is None or each.due > now.now

    def the_stages_follow_each_other(self, now: Moment) -> None:
        """First all that ``after`` names has exited, then the command has ended, then there is something to send."""
        for index, old, new in now.living():
            known = {each.id: each for each in old.progress}
            for each in new.progress:
                action, before = now.plan.actions[each.action], known.get(each.id)
                replaced = "replaced" in now.said(index)
                if before is not None:
                    assert STAGES.index(each.stage) >= STAGES.index(before.stage)
                if each.stage != AFTER and (before is None or before.stage == AFTER) and not replaced:
                    assert all(has_exited(now.plan, now.after, one) for one in action.after), "after"
                    assert each.stage == RUNNING or not action.run, "run"
                if each.stage == AFTER:
                    assert not all(has_exited(now.plan, now.after, one) for one in action.after), "it waits for nobody"

    def a_hold_lasts_as_long_as_is_written(self, now: Moment) -> None:
        for index, old, new in now.living():
            if now.over:
                continue
            known = {each.arrival: each for each in old.held}
            for each in new.held:
                bound = now.plan.actions[each.action].hold
                due = known[each.arrival].due if each.arrival in known else None if bound is None else now.now + bound
                assert each.due == due
            gone = [each for each in old.held if each not in new.held]
            late = [each for each in gone if each.due is not None and each.due <= now.now]
            assert new.phase == READY or gone == late, "let go before it is ready"
            if new.phase == STARTING and len(gone) == 1:
                self._else_is_done(now, index, old, gone[0].action, gone[0].arrival)

    def _else_is_done(self, now: Moment, index: int, old: Child, number: int, arrival: Arrival) -> None:
        assert "hold-over" in now.said(index)
        action = now.plan.actions[number]
        repeats = under_way(old, number, stop=arrival.signal in now.plan.stop) is not None
        others = any(each.due is not None and each.due <= now.now for each in old.progress)
        if not (repeats or others or action.after or action.run or action.scope == "tree"):
            assert [each.signal for each in now.kills(index)] == burst(action.otherwise, arrival)

    def what_is_held_waits_for_its_handler(self, now: Moment) -> None:
        if not isinstance(now.event, ev.Inspected) or now.event.handled is None:
            return
        index, handled = now.event.child, now.event.handled
        old, new = now.before.children[index], now.after.children[index]
        if old.held and not new.held and new.phase == READY and old.looks < 10:  # a second: not for ever
            for each in old.held:
                steps = now.plan.actions[now.lookup(index, each.arrival)].steps
                for signal in burst(steps[:1], each.arrival):
                    assert signal == KILL or handled >> (signal - 1) & 1, "it would kill it"


class Commands:
    """A command is run once, as long as it may, and what comes after depends on how it ended."""

    def its_end_decides(self, now: Moment) -> None:
        for number, run in now.before.runs.items():
            child = now.before.children[run.child]
            old = next((each for each in child.progress if each.id == run.progress), None)
            if (
                now.over
                or old is None
                or old.stage != RUNNING
                or not {child.phase, now.after.children[run.child].phase} <= {*RUNS}
            ):
                continue
            ended, well = self._ended(now, number)
            said = now.said(run.child)
            if not ended:
                new = next((each for each in now.after.children[run.child].progress if each.id == old.id), None)
                assert (new is not None and new.stage == RUNNING) or said & {"replaced", "cancelled"} or not old.steps
                continue
            assert ("run-ok" if well else "run-failed") in said
            chain = old.steps if well else now.plan.actions[old.action].otherwise
            alone = not isinstance(now.event, ev.Tick) and now.plan.actions[old.action].scope != "tree"
            if alone and not old.repeat:
                assert [each.signal for each in now.kills(run.child)] == burst(chain, old.arrival)

    def _ended(self, now: Moment, number: int) -> tuple[bool, bool]:
        run = now.before.runs[number]
        match now.event:
            case ev.RunNotStarted():
                return now.event.run == number, False
            case ev.Exited():
                return now.before.owners.get(now.event.pid) == ("run", number), now.event.status == 0
            case ev.Tick():
                return run.due <= now.now and not run.doomed, False
        return False, False

    def it_is_given_up_in_time(self, now: Moment) -> None:
        for number, run in now.after.runs.items():
            old = now.before.runs.get(number)
            child = now.after.children[run.child]
            waits = any(each.id == run.progress and each.stage == RUNNING for each in child.progress)
            if old is None:
                actions = [now.plan.actions[each.action] for each in child.progress if each.id == run.progress]
                assert actions or run.doomed
                assert all(run.due == now.now + each.timeout for each in actions)
            else:
                assert run.due == old.due
                assert run.doomed or run.due > now.now or not isinstance(now.event, ev.Tick)
                assert not run.doomed or old.doomed or run.due <= now.now or not waits, "given up for nothing"

    def a_stop_or_what_replaces_it_gives_it_up(self, now: Moment) -> None:
        for index, old, new in now.living():
            started = {each.id for each in new.progress if each.stop} - {each.id for each in old.progress}
            gone = {each.id for each in old.progress if each.stage == RUNNING}
            gone -= {each.id for each in new.progress if each.stage == RUNNING}
            for run in now.after.runs.values():
                if run.progress in gone and (started or "replaced" in now.said(index)):
                    assert run.doomed, "its action is forgotten, it is not"

    def who_is_given_up_is_killed_with_its_tree(self, now: Moment) -> None:
        if not isinstance(now.event, ev.Listed):
            return
        killed = {each.pid for each in now.effects if isinstance(each, (fx.Kill, fx.KillOther)) and each.signal == KILL}
        for run in now.before.runs.values():
            if run.doomed and run.pid:
                below = {each.pid for each in descendants(now.event.processes or (), run.pid)}
                assert killed >= {run.pid, *below}


def has_exited(plan: Plan, state: State, index: int) -> bool:
    """Tell whether a child has: its process, or all that it means."""
    phase = state.children[index].phase
    return phase == EXITED or (phase == LINGERING and not plan.children[index].tree)


def when_is_met(plan: Plan, state: State) -> bool:
    """Tell whether the container ends by itself."""
    exited = [has_exited(plan, state, index) for index in range(len(state.children))]
    return any(exited) if plan.when == "any" else all(exited) if plan.when == "all" else exited[int(plan.when)]


class Others:
    """5: what happens to one child changes nothing for another, but what the rules say of both."""

    def __init__(self) -> None:
        self.turn = 0

    def an_event_of_one_leaves_the_others_alone(self, now: Moment) -> None:
        if now.after.stop != now.before.stop:
            return
        whose = self._whose(now)
        if whose is None:
            return
        for index, old in enumerate(now.before.children):
            if index != whose and not any(each.stage == AFTER for each in old.progress):
                assert now.after.children[index] == old, f"c{index}"
                assert all(getattr(each, "child", None) != index for each in now.effects), f"c{index}"

    def _whose(self, now: Moment) -> int | None:
        match now.event:
            case ev.Spawned() | ev.NotSpawned() | ev.Inspected() | ev.NotSent():
                return now.event.child
            case ev.RunStarted() | ev.RunNotStarted():
                return now.before.runs[now.event.run].child
            case ev.Exited() | ev.Stopped() | ev.Continued():
                kind, number = now.before.owners.get(now.event.pid, ("", fx.NOBODY))
                return now.before.runs[number].child if kind == "run" else number
        return None

    def what_was_not_sent_changes_nothing(self, now: Moment) -> None:
        if isinstance(now.event, ev.NotSent):
            assert now.after == now.before
            assert not now.effects

    def each_gets_what_it_would_get_alone(self, now: Moment) -> None:
        """The same event, had all the others exited: one child in turn is compared."""
        if not isinstance(now.event, (ev.Signal, ev.Tick)) or len(now.before.children) == 1 or now.over:
            return
        self.turn += 1
        index = self.turn % len(now.before.children)
        child = now.before.children[index]
        coming = [*child.inbox, *(each.arrival for each in child.held)]
        if isinstance(now.event, ev.Signal):
            coming.append(Arrival(signal=now.event.signal, sender=now.event.sender))
        waits = any(each.stage == AFTER for each in child.progress)
        waits = waits or any(now.plan.actions[now.lookup(index, each)].after for each in coming)
        if child.phase not in RUNS or waits:
            return
        plan = now.plan.but(when="all")
        gone = tuple(
            each if number == index else each.but(phase=EXITED, progress=(), held=(), inbox=(), poll=None)
            for number, each in enumerate(now.before.children)
        )
        runs = {number: run for number, run in now.before.runs.items() if run.child == index}
        _, alone = step(plan, now.before.but(children=gone, runs=runs), now.event, now.now)
        assert shown(alone, index) == shown(now.effects, index), f"c{index}"


def shown(effects: list[Effect], index: int) -> list[Effect]:
    """Return what a child gets and what is told of it; the numbers of commands depend on the others."""
    mine = [each for each in effects if getattr(each, "child", None) == index]
    return [each.but(run=0) if isinstance(each, fx.Run) else each for each in mine]


class Stops:
    """The stop: what begins it, its ``grace``, what it changes."""

    def it_begins_with_the_first_signal_that_is_not_dropped(self, now: Moment) -> None:
        """Of a child that is still to be looked at it is known only once that has happened: see ``at_rest``."""
        if now.before.stop is None and now.after.stop is not None:
            stop = now.after.stop
            assert not stop.over
            assert stop.due == (None if now.plan.grace is None else now.now + now.plan.grace)
            if stop.asked:
                assert self._is_kept_by_somebody(now, stop.arrival)
            else:
                assert when_is_met(now.plan, now.after)
                assert stop.arrival.signal == TERM
        elif now.before.stop is not None:
            assert now.after.stop is not None
            old, new = now.before.stop, now.after.stop
            assert (new.arrival, new.asked) == (old.arrival, old.asked)
            assert new.due == old.due or (new.over and not old.over), "grace begins anew"
        if isinstance(now.event, ev.Signal) and now.event.signal in now.plan.stop and now.after.stop is None:
            arrival = Arrival(signal=now.event.signal, sender=now.event.sender)
            for index, child in enumerate(now.before.children):
                keeps = now.plan.actions[now.lookup(index, arrival)].do != "drop"
                waits = child.phase == STARTING or now.after.children[index].inbox
                assert not keeps or waits or has_exited(now.plan, now.before, index)

    def _is_kept_by_somebody(self, now: Moment, arrival: Arrival) -> bool:
        keeps = {index for index in range(len(now.after.children)) if self._keeps(now, index, arrival)}
        there = [index for index in range(len(now.after.children)) if not has_exited(now.plan, now.before, index)]
        return not there or any(index in keeps for index in there)

    def _keeps(self, now: Moment, index: int, arrival: Arrival) -> bool:
        """Tell whether a child may not drop a signal: one that starts may have been something else when it came."""
        child = now.plan.children[index]
        known = now.before.children[index].phase in (READY, LINGERING)
        tables = {child.ready} if known else {child.starting, child.ready}
        return any(
            now.plan.actions[now.plan.tables[each][arrival.sender][arrival.signal]].do != "drop" for each in tables
        )

    def the_container_ends_when_the_rules_say(self, now: Moment) -> None:
        assert now.after.stop is not None or not when_is_met(now.plan, now.after)

    def an_action_that_does_more_than_drop_has_begun_it(self, now: Moment) -> None:
        for index, old, new in now.living():
            stops = any(each.stop for each in new.progress)
            held = any(each.arrival.signal in now.plan.stop for each in new.held)
            late = any(each.signal in now.plan.stop for each in old.inbox) and now.said(index) & {"sent", "held"}
            assert now.after.stop is not None or not (stops or held or late)

    def nothing_waits_for_its_start(self, now: Moment) -> None:
        if now.after.stop is not None:
            assert not any(each.phase == UNSTARTED and each.due is not None for each in now.after.children)

    def at_the_end_of_grace_all_that_is_left_is_killed(self, now: Moment) -> None:
        old = now.before.stop
        if not now.over or old is None:
            return
        sent = [each for each in now.effects if isinstance(each, (fx.Kill, fx.KillOther))]
        if old.over:
            assert all(each.signal == KILL for each in sent), "it has had its KILL"
            assert not any(isinstance(each, fx.Run) for each in now.effects)
            return
        assert isinstance(now.event, ev.Tick)
        assert old.due is not None
        assert old.due <= now.now
        killed = {each.pid for each in sent if each.signal == KILL}
        assert all(each.pid in killed for each in now.before.children if each.phase in RUNS)
        assert not any(each.progress or each.held or each.inbox for each in now.after.children)


class Ends:
    """The drain and the exit code."""

    def __init__(self) -> None:
        self.statuses: dict[int, int] = {}
        self.culprit: int | None = None
        self.told: dict[tuple[int, int], int] = {}
        self.drained: int | None = None
        self.blind = self.undying = False

    def take_note(self, now: Moment) -> None:
        """Keep what the end depends on; no law."""
        match now.event:
            case ev.Exited() if now.before.owners.get(now.event.pid, ("", 0))[0] == "child":
                self.statuses[now.before.owners[now.event.pid][1]] = now.event.status
            case ev.NotSpawned() if now.event.status:
                self.statuses[now.event.child] = now.event.status
            case ev.Listed():
                self.blind = self.blind or now.event.processes is None
        if now.before.stop is None and now.after.stop is not None and not now.after.stop.asked:
            new = [
                index
                for index in range(len(now.plan.children))
                if has_exited(now.plan, now.after, index) and not has_exited(now.plan, now.before, index)
            ]
            # Who was never started has exited with the stop, not before it.
            started = [each for each in new if now.before.children[each].phase != UNSTARTED or each in self.statuses]
            self.culprit = started[0] if started else None
        self.undying = self.undying or any(isinstance(each, fx.Say) and each.what == "undying" for each in now.effects)

    def the_drain_asks_then_kills(self, now: Moment) -> None:
        """Who is left gets TERM and CONT, and ``[drain] wait`` later KILL; nobody who entered from outside."""
        rest = (
            {each.pid for each in descendants(now.event.processes or (), ME)}
            if isinstance(now.event, ev.Listed)
            else set()
        )
        mine = [each for each in now.effects if isinstance(each, fx.KillOther) and each.origin == "drain"]
        for each in mine:
            assert each.pid in rest
        asked = {each.pid for each in mine if each.signal == TERM}
        killed = {each.pid for each in mine if each.signal == KILL}
        assert asked == {each.pid for each in mine if each.signal == CONT}
        if asked:
            assert all(child.phase == EXITED for child in now.after.children)
            assert asked == rest, "part of it is left out"
            assert self.drained is None, "it is asked twice"
            self.drained = now.now
        if killed and not now.over and now.plan.drain:
            assert self.drained is not None
            assert now.now >= self.drained + now.plan.drain, "killed too early"
        if killed:
            others = {child.pid for child in now.after.children if child.phase in RUNS}
            assert killed == rest - others, "part of it is left out"
        drain = now.before.drain  # with a due of its own it has not asked for this list
        killing = (drain is not None and drain.killing and drain.due is None) or now.over
        if isinstance(now.event, ev.Listed) and killing and not now.after.ended:
            assert killed or not rest - {child.pid for child in now.after.children if child.phase in RUNS}, "nobody is"
        drain = now.after.drain
        if drain is not None and not drain.killing and drain.due is not None:
            assert self.drained is not None
            assert drain.due == self.drained + now.plan.drain, "the drain begins anew"

    def it_ends_with_nobody_left(self, now: Moment) -> None:
        if isinstance(now.event, ev.Childless) and now.before.drain is not None:
            assert now.after.ended, "a sleep with nothing left"
        if any(isinstance(each, fx.Exit) for each in now.effects) and not (self.blind or self.undying):
            assert isinstance(now.event, (ev.Listed, ev.Childless))
            assert not isinstance(now.event, ev.Listed) or not descendants(now.event.processes or (), ME)

    def it_ends_with_the_code_of_the_rules(self, now: Moment) -> None:
        for effect in now.effects:
            if isinstance(effect, fx.Exit):
                assert effect.code == self._code(now)

    def _code(self, now: Moment) -> int:
        """Return the exit code, read from docs/rules.md."""
        plan, stop = now.plan, now.after.stop
        assert stop is not None
        named = [plan.code, plan.when if isinstance(plan.when, int) else None, plan.command]
        unnamed = 0 if stop.asked else self.culprit
        index = next((each for each in (*named, unnamed) if each is not None), 0)
        code = self.statuses.get(index, 128 + stop.arrival.signal)
        if now.before.children[index].phase in RUNS:
            code = 128 + KILL  # not even that has ended it
        if not stop.asked:
            return code
        return plan.exit_map.get(code, plan.exit_map.get(ANY_CODE, code))


class Phases:
    """A child's phases are what happened to it."""

    def each_has_its_cause(self, now: Moment) -> None:
        for index, (old, new) in enumerate(zip(now.before.children, now.after.children, strict=True)):
            programs = now.plan.children[index].program
            mine = getattr(now.event, "child", None) == index
            if isinstance(now.event, ev.Spawned) and mine:
                assert new.phase == (STARTING if programs else READY)
            elif old.phase == STARTING and isinstance(now.event, ev.Inspected) and mine:
                names = now.event.names
                assert (new.phase == READY) == (names is None or any(each in programs for each in names))
            elif old.phase in RUNS and isinstance(now.event, ev.Exited) and now.event.pid == old.pid:
                tree = now.plan.children[index].tree and not now.before.blind
                assert new.phase == LINGERING if tree else new.phase in (LINGERING, EXITED)
            elif old.phase == LINGERING and new.phase == EXITED and now.plan.children[index].tree:
                assert isinstance(now.event, ev.Listed)
                left = {(each.pid, each.start) for each in now.event.processes or () if each.state not in "ZX"}
                assert not left & old.members, "it has not exited yet"
            else:
                assert new.phase == old.phase or {old.phase, new.phase} in ({UNSTARTED, EXITED}, {LINGERING, EXITED})

    def only_what_more_than_the_process_is_meant_lingers(self, now: Moment) -> None:
        for child, plan in zip(now.after.children, now.plan.children, strict=True):
            wide = any(now.plan.actions[each.action].scope != "process" and each.steps for each in child.progress)
            assert child.phase != LINGERING or plan.tree or wide


def all_laws() -> list[Callable[[Moment], None]]:
    """Return every law, of objects of its own: some remember what has happened."""
    parts = (Ends(), Actions(), Waits(), Commands(), Others(), Stops(), Phases())
    return [getattr(part, name) for part in parts for name in vars(type(part)) if not name.startswith("_")]
