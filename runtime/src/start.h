/* The start of the first child in the plain case: its own process group, no terminal, our own user. */
#pragma once

#include "kernel.h"

enum outcome {
    RUNS,     /* it runs its program */
    LATE,     /* its exec is still under way */
    NOT_MADE, /* the engine must try, and say why it can't be started */
};

struct start {
    pid_t pid;
    int pipe; /* LATE: a successful exec closes it (O_CLOEXEC, open(2)), a failed one writes to it */
};

enum outcome start_child(char **words, char **environment, struct start *made);

/* Whether a terminal is there that the child would get. */
bool start_sees_terminal(void);

