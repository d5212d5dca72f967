/* The system calls of the watch, each once. A test puts others in their place, and so plays the kernel. */
#pragma once

#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>

/* Signals: bit n-1 for signal n, as the kernel has it. The C library's sigset_t is larger, and its functions leave out
 * 32 and 33, which it takes for itself (signal(7)). */
typedef uint64_t signals;

#define SIGNALS 64
#define SECOND INT64_C(1000000000)
#define ALL_SIGNALS (~(signals)0)
#define BIT(number) ((signals)1 << ((number) - 1))

/* Each returns what the kernel does: a negative errno for an error. */
struct kernel {
    /* Take one of these signals; wait for it so many nanoseconds, or without an end (-1). */
    int (*take)(signals among, siginfo_t *info, int64_t most);
    pid_t (*reap)(int options, int *status);
    /* Is there a child that has stopped? It is left to be reported (waitid(2), WNOWAIT). 1: yes. */
    int (*has_stopped)(void);
    int (*pending)(signals *found);
    int (*send)(pid_t pid, int number);
    pid_t (*group_of)(pid_t pid);
    /* Nanoseconds of CLOCK_MONOTONIC. */
    int64_t (*now)(void);
    void (*give_way)(void);
    /* The signals that a process catches or ignores; false: that can't be read. */
    bool (*handled)(pid_t pid, signals *found);
};

extern struct kernel kernel;
