"""Being a job, on a real terminal: lending it, taking it back, stopping and going on."""

from __future__ import annotations

import pytest

from tests.pid1.kernel.sessions import told


def test_whose_the_foreground_is_and_lending_it(pty: int) -> None:
    code = """
control()
one, two = member(), member()
print(job.seen(one).foreground, job.lend(one), os.tcgetpgrp(0) == one)
print(job.seen(one).foreground, job.seen(two).foreground, job.seen(os.getpgrp()).foreground)
end(one)
print(job.seen(two).foreground)
job.take_back(one)
print(os.tcgetpgrp(0) == os.getpgrp(), job.seen(two).foreground)
end(two)
print(job.lend(two))
"""
    expected = ["sigroute True True", "child other other", "gone", "True sigroute", "False"]
    assert told(code, pty) == expected


def test_where_there_is_none_nothing_is_lent() -> None:
    code = "print(job.seen(os.getpgrp()).terminal, job.lend(os.getpgrp())); job.take_back(1)"
    assert told(code) == ["False False"]


def test_the_foreground_is_taken_back_from_the_child_and_from_the_dead(pty: int) -> None:
    code = """
control()
child, other = member(), member()
for fore, gone in ((child, False), (other, False), (other, True)):
    os.tcsetpgrp(0, fore)
    if gone:
        end(fore)
    job.take_back(child)
    print(os.tcgetpgrp(0) == os.getpgrp())
end(child)
"""
    assert told(code, pty) == ["True", "False", "True"]


def test_what_a_shell_is(pty: int) -> None:
    """Somebody of our session, outside of our process group, who is our parent."""
    code = """
control()
print(job.has_shell())
for how in ("group", "none", "session"):
    pid = os.fork()
    if not pid:
        if how == "group":
            os.setpgid(0, 0)
        elif how == "session":
            os.setsid()
        print(how, job.has_shell())
        os._exit(0)
    os.waitpid(pid, 0)
"""
    assert told(code, pty) == ["False", "group True", "none False", "session False"]


@pytest.mark.parametrize("number", [20, 21, 22, 19])
def test_a_job_stops_and_goes_on(number: int, pty: int) -> None:
    """Its shell is told by which signal; who else is in the job stops as well; the CONT is swallowed."""
    code = f"""
control()
pid = os.fork()
if not pid:
    os.setpgid(0, 0)
    other = os.fork()
    if not other:
        restore.restore()
        signal.pause()
    job.stop({number})
    blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    caught = {number} == 19 or signal.getsignal({number}) is mask.caught
    print("on", signal.sigpending() - {{signal.SIGCHLD}}, blocked >= mask.RECEIVABLE - {{32, 33}}, caught)
    end(other)
    os._exit(5)
_, status = os.waitpid(pid, os.WUNTRACED)
print(os.WIFSTOPPED(status) and os.WSTOPSIG(status))
(other,) = open(f"/proc/{{pid}}/task/{{pid}}/children").read().split()
while {number} != 19 and open(f"/proc/{{other}}/stat").read().rpartition(")")[2].split()[0] != "T":
    os.sched_yield()
os.kill(-pid, signal.SIGCONT)
print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
"""
    assert told(code, pty) == [str(number), "on set() True True", "5"]
