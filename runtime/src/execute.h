/* Running a program in place of this process, as execvp(3) does. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Become the first program of this name in PATH; if none can be run, return the errno that says why. */
int execute(char **words, char **environment);

/* The value of a variable; NULL: there is none. */
char *execute_value(char **environment, const char *name);

/* In a child: where LISTEN_PID or WATCHDOG_PID is the parent's pid, put ours (sd_listen_fds(3),
 * sd_watchdog_enabled(3)). */
void execute_set_pids(char **environment, pid_t parent);

/* Whether execute_set_pids() is enough: only the engine can adapt LISTEN_PIDFDID (sd_listen_fds(3)). */
bool execute_can_set_pids(char **environment);
