/* The guard: while Python comes up, it can neither end nor hang PID 1. If it would, it is abandoned, and the caller
 * goes on. Once it is up (guard_ease()), it still can't end PID 1 by exit(3) or abort(3). */
#pragma once

/* Do the work under the guard; return what it returns, or why it was given up: not enough memory; too much CPU time; a
 * fault of the processor; an end by the C library or Python (ends.c). The work's memory is not freed then, and its
 * state is unknown: the work must not be done again. */
const char *guard_run(const char *(*work)(void));

/* Python is up: from now on its time is not limited, and faults are not caught. The ends in ends.c still are.
 *
 * A limit for each step would take a system call at each event. What it could find is a step that never ends; yet the
 * engine has no loop without a bound, which its tests play over random histories. */
void guard_ease(void);

/* Abandon the work; guard_run() returns this reason. In a forked child, and outside guard_run(), end the process. */
_Noreturn void guard_give_up(const char *why);
