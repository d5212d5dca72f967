/* What the helpers and the harness share: one page of numbers in a file that all of them map (bench/page.py has the
 * same order). Every time is CLOCK_MONOTONIC in nanoseconds, which is one clock for all processes (clock_gettime(2)). */

#define _GNU_SOURCE
#include <err.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define MOST 16384

struct page {
    uint64_t launched; /* when PID 1 was about to be executed */
    uint64_t pid;      /* PID 1's number outside the namespace */
    uint64_t kept;     /* when PID 1 was first seen to keep a TERM */
    uint64_t begun;    /* when the child's first instruction ran */
    uint64_t ended;    /* when PID 1 was seen to have ended */
    uint64_t ready;    /* how many children are ready */
    uint64_t expected; /* how many are to get the signal */
    uint32_t arrived;  /* how many have got it: a futex */
    uint32_t unused;
    uint64_t storm_began, storm_over, reaped, most_zombies;
    uint64_t samples;      /* how many results are valid */
    uint64_t stamps[MOST]; /* by child: when it got the signal; for a storm: the pids */
    uint64_t results[MOST];
};

static inline uint64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
}

static inline struct page *map(const char *path) {
    int file = open(path, O_RDWR | O_CLOEXEC);
    if (file < 0)
        err(1, "%s", path);
    void *found = mmap(NULL, sizeof(struct page), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (found == MAP_FAILED)
        err(1, "mmap %s", path);
    close(file);
    return found;
}

/* Stay on one CPU; a negative number: on any. */
static inline void pin(int cpu) {
    if (cpu < 0)
        return;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(cpu, &set);
    if (sched_setaffinity(0, sizeof set, &set))
        err(1, "sched_setaffinity %d", cpu);
}
