/* The watch: wait, answer by the table, reap; whatever else happens is an event for the engine. */
#pragma once

#include "table.h"

/* Nanoseconds in place of a deadline: there is none. */
#define NEVER (-1)

/* The most pids in watch.owned. If the engine has more children, it sees every exit. */
#define OWNED 16

enum what {
    NOTHING,   /* the deadline has come, or wait4(2) was refused */
    SIGNAL,    /* a signal to be routed */
    STATUS,    /* a process has exited, stopped or continued */
    CHILDLESS, /* there is no child process */
    NOT_SENT,  /* a signal that the table sends was refused */
    REFUSED,   /* the kernel refuses rt_sigtimedwait(2) or wait4(2) */
    NOTICE,    /* a descriptor tells that something has happened: si_fd in `status`, si_code in `error` */
};

struct event {
    enum what what;
    int signal, sender, code;
    pid_t pid; /* of the sender, the process, or the receiver */
    uid_t uid;
    int64_t value; /* si_value: all of it */
    int status, error;
    int64_t at; /* when it was taken: nanoseconds of CLOCK_MONOTONIC */
};

struct watch {
    const entries *entries;
    const char *texts;
    pid_t me, parent, child;
    signals awaited, stops; /* stops: taken before anything is reaped; 0 once the stop has begun */
    uint32_t reaped;        /* the line about an exit of a pid that is not in `owned` */
    pid_t owned[OWNED];
    int owned_count; /* how many of them; -1: the engine sees every exit */
    bool stopped; /* the first child is (state T) */
    bool may_have_stopped; /* a child: CHLD has come (sigaction(2), SA_NOCLDSTOP) */
    bool more_to_reap; /* perhaps */
    bool has_slept; /* the last wait has slept: its signal was not pending before */
    bool stop_looked_for; /* the event was found after a look for a stop: the next watch_take_stop() finds none */
};

extern struct watch watch;

/* Send a signal, once more after an error that may be over by then; the error, or 0. */
int watch_send(pid_t pid, int number);

/* Wait until something happens that the engine must see, or until the deadline. */
void watch_wait(struct event *found, int64_t due);

/* Take a stop signal that is pending. This comes before exits are reaped, so that an exit that the stop has caused
 * counts as asked for. False: there is none, or the table has answered it. */
bool watch_take_stop(struct event *found);

/* Reap until there is something that the engine must see; false: nothing is left to reap, or signals
 * must be looked at first. */
bool watch_reap(struct event *found);

/* The whole cycle, in the engine's order: a stop, exits, a signal; NOTHING: the deadline has come. */
void watch_next(struct event *found, int64_t due);
