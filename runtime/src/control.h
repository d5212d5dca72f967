/* The control socket, and the pipe by which processes that serve its connections make requests of PID 1. Both are open
 * before the first child is started, and tell by a signal, so they cost nothing while nobody asks. */
#pragma once

#include <sys/types.h>

struct control {
    int listener, reader, writer; /* of the socket, and of the pipe; -1: there is none */
    int error; /* the errno for which there is none; 0: no rule asks for one */
};

extern struct control control;

/* Open it, if the payload has its path. `me`: our pid, which is told. */
void control_open(pid_t me);

/* Remove its file, if it is ours still: we are about to end. */
void control_remove(void);
