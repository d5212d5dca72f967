/* launch PAGE CPU WATCH COMMAND...: run COMMAND as PID 1 of a PID namespace with its own /proc, on this CPU (-1: on any).
 *
 * The clock is stamped right before the exec. WATCH is 1 where it is to be seen from when on a TERM to PID 1 is kept:
 * while it is neither blocked nor caught, the kernel drops it for a PID 1 (pid_namespaces(7)). */

#include "page.h"
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>

static void become(struct page *page, int cpu, char **command) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing is left where the harness is killed */
    setsid();                         /* as a container's PID 1 leads a session */
    if (unshare(CLONE_NEWNS) || mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
        err(1, "a /proc of its own");
    for (int number = 1; number < 65; number++)
        signal(number, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    pin(cpu);
    page->launched = now();
    execvp(command[0], command);
    err(127, "%s", command[0]);
}

static uint64_t mask_of(const char *status, const char *name) {
    const char *found = strstr(status, name);
    return found ? strtoull(found + strlen(name), NULL, 16) : 0;
}

static ssize_t reread(int file, char *text, size_t size) {
    ssize_t length = pread(file, text, size - 1, 0);
    text[length > 0 ? length : 0] = 0;
    return length;
}

/* Poll SigBlk and SigCgt (proc_pid_status(5)). What sigtimedwait(2) waits for does not show as blocked meanwhile, but is
 * kept: so that call counts, too (proc_pid_syscall(5)). */
static void watch(struct page *page, pid_t pid) {
    char path[64], status[4096], call[256];
    snprintf(path, sizeof path, "/proc/%d/status", pid);
    int masks = open(path, O_RDONLY);
    snprintf(path, sizeof path, "/proc/%d/syscall", pid);
    int calls = open(path, O_RDONLY);
    while (reread(masks, status, sizeof status) > 0 && reread(calls, call, sizeof call) > 0) {
        uint64_t kept = mask_of(status, "SigBlk:") | mask_of(status, "SigCgt:");
        if (page->launched && (kept >> (SIGTERM - 1) & 1 || atoi(call) == SYS_rt_sigtimedwait)) {
            page->kept = now();
            return;
        }
    }
}

int main(int count, char **words) {
    if (count < 5)
        errx(64, "usage: launch PAGE CPU WATCH COMMAND...");
    struct page *page = map(words[1]);
    if (unshare(CLONE_NEWPID))
        err(1, "a PID namespace");
    pid_t pid = fork();
    if (!pid)
        become(page, atoi(words[2]), words + 4);
    if (pid < 0)
        err(1, "fork");
    page->pid = (uint64_t)pid;
    if (atoi(words[3]))
        watch(page, pid);
    int status;
    waitpid(pid, &status, 0);
    page->ended = now();
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
