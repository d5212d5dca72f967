#include "command.h"
#include "handlers.h"
#include "kernel.h"
#include "payload.h"
#include "python.h"
#include "refuse.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/* The most bytes that the helper hands over. A rule file has 256 KiB at most. Pages that nobody touches take no
 * memory. */
#define MOST (16 << 20)

/* Seconds that the helper may take before a stop signal ends both, as no rules can act on it yet. */
#define PATIENCE 2

#define BY_SIGNAL 128

/* The part "how" of what the helper hands over (runtime/standalone/handover.py). */
struct how {
    uint32_t left_out; /* words of the command line, after our name */
    uint32_t renamed;  /* the next word is our name */
    uint32_t level;    /* the least level of the log */
    char ready[16];    /* another part, which has table and plan of bundled rules; "": they are here */
};

/* Become the command line, in Python. */
static _Noreturn void be_command_line(const char *name) {
    handlers_restore(~0ull, handlers_ignored);
    handed.part = "start";
    refuse(name, python_run());
}

/* Whether a word is a command that runs nothing. Those need no helper. */
static bool is_command(const char *word) {
    struct part part;
    if (!word || !payload_part("commands", &part))
        return false;
    for (const char *at = (const char *)part.data, *end = at + part.size; at < end; at += strlen(at) + 1)
        if (!strcmp(at, word))
            return true;
    return false;
}

/* Wait for the helper; return its status. A stop signal stays pending, for the rules. But once this has taken long, one
 * ends both processes. */
static int wait_for(const char *name, pid_t helper) {
    signals stops = BIT(SIGTERM) | BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGPWR) | BIT(SIGRTMIN + 3);
    int64_t until = kernel.now() + PATIENCE * SECOND;
    for (;;) {
        int status;
        siginfo_t info;
        pid_t ended = waitpid(helper, &status, WNOHANG);
        if (ended == helper)
            return status;
        if (ended < 0)
            refuse(name, strerrordesc_np(errno));
        int64_t left = until - kernel.now();
        int number = left > 0 ? kernel.take(BIT(SIGCHLD), &info, left) : kernel.take(BIT(SIGCHLD) | stops, &info, -1);
        if (number > 0 && number != SIGCHLD) {
            kill(helper, SIGKILL);
            _exit(BY_SIGNAL + number);
        }
    }
}

/* Have a helper read command line and rules. Returns once it has handed something over. */
static void have_read(const char *name) {
    handed.made = mmap(NULL, MOST, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (handed.made == MAP_FAILED)
        refuse(name, strerrordesc_np(errno));
    handed.most = MOST;
    pid_t helper = fork();
    if (helper < 0)
        refuse(name, strerrordesc_np(errno));
    if (!helper)
        be_command_line(name);
    int status = wait_for(name, helper);
    if (WIFSIGNALED(status))
        refuse(name, "the process that reads the rules was killed");
    if (WEXITSTATUS(status) || !payload_add(handed.made))
        _exit(WEXITSTATUS(status));
}

char **command_prepare(char **words) {
    struct part part;
    struct how how;
    if (is_command(words[1]))
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
