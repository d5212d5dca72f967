/* The guard: nothing that Python does may end or hang PID 1. Whatever would gives the work up, and the caller goes on. */
#pragma once

/* Do the work under the guard; return what it returns, or why it was given up: not enough memory; too much CPU time; a
 * fault of the processor; an end by the C library or Python (ends.c). The work's memory is lost then, and so is whatever
 * it was about to do: it must not be done again. */
const char *guard_run(const char *(*work)(void));

/* From now on the work may take its time, and only ends are caught: faults and the time are not. */
void guard_ease(void);

/* Give up the work, and say why. In any other process than ours, as a child that is about to exec: end. */
_Noreturn void guard_give_up(const char *why);
