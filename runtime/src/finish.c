#include "finish.h"
#include "control.h"
#include "counted.h"
#include "lines.h"
#include "masks.h"
#include <errno.h>
#include <unistd.h>

/* Reap what is left; return whether we have no child then. If so, we have no descendant either, as orphans become our
 * children, and the engine would wait for no other process. */
static bool nobody_is_left(void) {
    pid_t pid;
    do {
        int status;
        pid = kernel.reap(WNOHANG, &status);
        if (pid > 0)
            counted_reaped();
    } while (pid > 0);
    return pid == -ECHILD;
}

void finish(const struct table *table, const struct event *exited) {
    int status = exited->status;
    if (!lines.level)
        return; /* at level debug the engine tells of each process that is reaped */
    /* Without a /proc of our own pid namespace, the engine logs what it can't list. */
    if (!table->may_end || !(WIFEXITED(status) || WIFSIGNALED(status)) || !nobody_is_left() || !masks_proc_is_ours())
        return;
    struct holes holes = {.child = exited->pid, .status = 128 + WTERMSIG(status)};
    uint32_t text = table->killed[WTERMSIG(status)];
    int code = table->killed_codes[WTERMSIG(status)];
    if (WIFEXITED(status)) {
        holes.status = WEXITSTATUS(status);
        text = table->exited;
        code = table->codes[WEXITSTATUS(status)];
    }
    holes.code = code;
    lines_tell(table->texts, text, &holes);
    control_remove();
    _exit(code);
}
