/* Python, brought up when the engine is needed: at the start, or for the first event that the table does not answer. */
#pragma once

#include "watch.h"

/* What the engine is told about what happened before it, and what the fallback must know if Python ends. */
struct handed {
    char **words; /* the command line, our own name first */
    char **environment;
    pid_t pid; /* of the first child; 0: it was not started */
    int pipe;  /* -1, or the pipe by which its exec reports */
    bool not_adopted; /* we are not PID 1, and could not become a subreaper */
    bool start_is_told; /* the lines about the start are written */
    struct event event; /* the one that is being dealt with; NOTHING: none */
    bool ended; /* the engine knows that the first child has, with this status */
    int status;
    int level; /* the least level of the log, where the command line has said it; else -1 */
    const char *part; /* the part of the payload whose code runs; NULL: the engine */
    unsigned char *made; /* where a helper puts what it hands over, and how much that may be (command.c) */
    size_t most;
    bool early; /* SIGROUTE_ENGINE=early: the engine is brought up at the start */
};

extern struct handed handed;

/* Bring up Python, and let the engine supervise from here on. Returns only if that fails: the reason. */
const char *python_run(void);
