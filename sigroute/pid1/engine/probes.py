"""Probes that are commands: how they are told from the commands of actions, and given up."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from sigroute.pid1.engine.draft import Draft

#: In place of the id of an action (RunState.progress): the command is a probe.
PROBE = 0


def abandon(draft: Draft, index: int) -> None:
    """Have the probe of a child killed, if one is under way."""
    for number, run in draft.state.runs.items():
        if run.child == index and run.progress == PROBE and not run.kill_at_list:
            draft.put_run(number, run.but(kill_at_list=True))
            draft.list_processes()
