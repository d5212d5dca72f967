#include "command.h"
#include "guard.h"
#include "handlers.h"
#include "kernel.h"
#include "payload.h"
#include "python.h"
#include "refuse.h"
#include "watch.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

/* The most bytes that the helper hands over: a rule file has 256 KiB at most. Pages that nobody touches take no memory
 * (mmap(2), MAP_NORESERVE). */
#define HANDED_MOST (16 << 20)

/* After so many seconds, a stop signal no longer waits for the rules: it ends the helper and PID 1
 * (sigroute/patience.py). */
#define PATIENCE 2

/* Microseconds before the next call of one that the kernel has refused, which it may go on to do. */
#define PAUSE 10000

#define BY_SIGNAL 128

/* Of class stop, by default (sigroute/language/read/signals.py). */
#define STOPS (BIT(SIGTERM) | BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGPWR) | BIT(SIGRTMIN + 3))

/* The part "how" of what the helper hands over (runtime/standalone/forms/become.py). */
struct how {
    uint32_t left_out; /* words of the command line, after our name */
    uint32_t renamed;  /* the next word is our name */
    uint32_t level;    /* the least level of the log */
    char ready[16];    /* another part, which has table and plan of bundled rules; "": they are here */
};

/* Become the command line, in Python. */
static _Noreturn void be_command_line(const char *name) {
    /* As CPython does at its start: a write beyond a limit is to fail (setrlimit(2)), not to kill. */
    handlers_restore(ALL_SIGNALS, handlers_ignored | BIT(SIGPIPE) | BIT(SIGXFSZ));
    handed.part = "start";
    watch.me = getpid();
    complain(name, "cannot run: Python has failed", guard_run(python_run));
    _exit(CANNOT_RUN);
}

/* Whether a part of the payload, a list, has this word; a zero byte follows each. */
static bool is_listed(const char *name, const char *word) {
    struct part part;
    if (!word || !payload_part(name, &part))
        return false;
    for (const char *at = (const char *)part.data, *end = at + part.size; at < end; at += strlen(at) + 1)
        if (!strcmp(at, word))
            return true;
    return false;
}

/* Whether it is a command that runs nothing, and so needs no helper. Under the name of another init there is none. */
static bool is_command(char **words) {
    const char *slash = strrchr(words[0], '/');
    return is_listed("commands", words[1]) && !is_listed("roles", slash ? slash + 1 : words[0]);
}

/* Wait for the helper; return its status. A stop signal stays pending, for the rules. But once this has taken long, one
 * ends both processes. */
static int wait_for(const char *name, pid_t helper) {
    int64_t until = kernel.now() + PATIENCE * SECOND;
    for (;;) {
        int status;
        siginfo_t info;
        pid_t ended = waitpid(helper, &status, WNOHANG);
        if (ended == helper)
            return status;
        if (ended < 0)
            refuse(name, strerror(errno));
        int64_t left = until - kernel.now();
        bool patient = left > 0;
        int number = kernel.take(BIT(SIGCHLD) | (patient ? 0 : STOPS), &info, patient ? left : NEVER);
        if (number > 0 && number != SIGCHLD) {
            kill(helper, SIGKILL);
            _exit(BY_SIGNAL + number);
        }
        if (number < 0)
            usleep(PAUSE);
    }
}

/* Start the helper. Where there can be no more processes now, try again, as the engine does for children. */
static pid_t fork_helper(const char *name) {
    pid_t helper, parent = getpid();
    bool told = false;
    siginfo_t info;
    while ((helper = fork()) < 0) {
        if (errno != EAGAIN && errno != ENOMEM)
            refuse(name, strerror(errno));
        if (!told)
            complain(name, "cannot start the process that reads the rules now, trying again", strerror(errno));
        told = true;
        int number = kernel.take(STOPS, &info, SECOND / 10);
        if (number > 0)
            _exit(BY_SIGNAL + number);
        usleep(PAUSE);
    }
    if (helper)
        return helper;
    /* It blocks all signals, and could wait for ever where its parent, which is not PID 1 then, was killed
     * (PR_SET_PDEATHSIG(2const); KILL can't be blocked, signal(7)). */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(BY_SIGNAL + SIGKILL);
    be_command_line(name);
}

/* Have a helper read command line and rules. Returns once it has handed something over. */
static void have_read(const char *name) {
    handed.made = mmap(NULL, HANDED_MOST, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (handed.made == MAP_FAILED)
        refuse(name, strerror(errno));
    handed.most = HANDED_MOST;
    int status = wait_for(name, fork_helper(name));
    if (WIFSIGNALED(status))
        refuse(name, "the process that reads the rules was killed");
    if (WEXITSTATUS(status) || !payload_add(handed.made))
        _exit(WEXITSTATUS(status));
}

char **command_prepare(char **words) {
    struct part part;
    struct how how;
    if (is_command(words))
        be_command_line(words[0]);
    have_read(words[0]);
    if (!payload_part("how", &part) || part.size != sizeof how)
        refuse(words[0], PAYLOAD_BROKEN);
    memcpy(&how, part.data, sizeof how);
    handed.level = (int)how.level;
    if (*how.ready && (!payload_part(how.ready, &part) || !payload_add(part.data)))
        refuse(words[0], PAYLOAD_BROKEN);
    char **rest = words + how.left_out;
    if (!how.renamed)
        rest[0] = words[0];
    return rest;
}
