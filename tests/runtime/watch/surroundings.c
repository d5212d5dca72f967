/* What is around the watch in the static executable, in the hands of its tests: its kernel, the start of a child, the
 * payload, Python, and its end. All else is the watch's own code, main.c with it (compiled with -Dmain=watch_main). */

#include "command.h"
#include "entry.h"
#include "guard.h"
#include "handlers.h"
#include "log.h"
#include "masks.h"
#include "payload.h"
#include "python.h"
#include "refill.h"
#include "start.h"
#include <setjmp.h>
#include <string.h>
#include <time.h>

/* Filled by the tests. */
struct kernel kernel;
uint64_t entry_mask;
signals handlers_ignored;
struct handed handed;
int log_fd;
pid_t own_pid, parent_pid;
int adopts; /* what PR_SET_CHILD_SUBREAPER returns */
struct part table_part;
bool terminal, proc_is_ours = true, fails_open;
enum outcome outcome;
pid_t (*spawned)(char **words);
const char *(*python)(void); /* the engine; NULL: it has ended */
int (*rests)(void);          /* called in place of a pause; not 0: the test is over */

/* Both clocks in nanoseconds. */
int64_t realtime, monotonic;

static jmp_buf out;
static int code;

const char *payload_open(void) { return fails_open ? PAYLOAD_BROKEN : NULL; }

bool payload_is_command(void) { return false; }

char **command_prepare(char **words) { return words; }

bool payload_part(const char *name, struct part *found) {
    *found = table_part;
    return !strcmp(name, "table") && found->data;
}

void handlers_install(void) {}
void handlers_release(signals left) { (void)left; }
void handlers_restore(signals blocked, signals ignored) { (void)blocked, (void)ignored; }
bool start_sees_terminal(void) { return terminal; }
bool masks_proc_is_ours(void) { return proc_is_ours; }

enum outcome start_child(char **words, char **environment, struct start *made) {
    (void)environment;
    if (outcome == NOT_MADE)
        return outcome;
    made->pid = spawned(words);
    made->pipe = 1000;
    return outcome;
}

const char *guard_run(const char *(*work)(void)) { return work(); }
void guard_ease(void) {}

const char *python_run(void) {
    const char *why = python();
    if (!why)
        longjmp(out, 2);
    return why;
}

_Noreturn void __wrap__exit(int status) {
    code = status;
    longjmp(out, 1);
}

int __wrap_usleep(unsigned microseconds) {
    (void)microseconds;
    if (rests())
        longjmp(out, 2);
    return 0;
}

pid_t __wrap_getpid(void) { return own_pid; }
pid_t __wrap_getppid(void) { return parent_pid; }
int __wrap_prctl(int option, ...) { return option == 36 ? adopts : 0; }

void __wrap_log_open(int fd, size_t stamp_at, struct numbered lost) {
    void __real_log_open(int, size_t, struct numbered);
    (void)fd;
    __real_log_open(log_fd, stamp_at, lost);
}

int __wrap_clock_gettime(clockid_t clock, struct timespec *now) {
    int64_t nanoseconds = clock == CLOCK_MONOTONIC ? monotonic : realtime;
    *now = (struct timespec){nanoseconds / 1000000000, nanoseconds % 1000000000};
    return 0;
}

int watch_main(int count, char **words);

/* Run it to its end: its exit code; -1: that of the engine, or of the test. */
int run(int count, char **words) {
    switch (setjmp(out)) {
    case 0:
        watch_main(count, words);
        return -2; /* it never returns */
    case 1:
        return code;
    default:
        return -1;
    }
}
