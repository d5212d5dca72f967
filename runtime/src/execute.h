/* Running a program in place of this process, as execvp(3) does. */
#pragma once

#include <stdbool.h>
#include <sys/types.h>

/* Become the first program of this name in PATH; return if there is none that can be run. */
void execute(char **words, char **environment);

/* The value of a variable; NULL: there is none. */
char *execute_value(char **environment, const char *name);

/* In a child: give the variables that name a pid ours where they have the parent's. */
void execute_adapt(char **environment, pid_t parent);

/* Whether that is all there is to adapt: LISTEN_PIDFDID is the engine's (sd_listen_fds(3)). */
bool execute_can_adapt(char **environment);
