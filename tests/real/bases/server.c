/* A server that tells what it gets, and "server confine" to have it and its init in a folder, with little to go by. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define ORPHANS 20000
#define BATCH 100
#define SMALL_BATCH 50

/* MEMBARRIER_CMD_GLOBAL. Debian's musl-gcc does not find linux/membarrier.h. */
#define GLOBAL 1

static void say(const char *text) { (void)!write(STDOUT_FILENO, text, strlen(text)); }

/* Of a process that was reaped the kernel frees some 100 kB after a grace period of RCU only. Wait for one, so that what
 * counts as the container's memory is no more than what lives (membarrier(2)). */
static void wait_for_memory(void) { syscall(SYS_membarrier, GLOBAL, 0, 0); }

/* The next batch comes when the last orphan is reaped: what is left is never more than one batch. */
static void make_orphans(bool paced) {
    int batch = paced ? SMALL_BATCH : BATCH;
    pid_t *last = mmap(NULL, sizeof *last, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    for (int made = 0; made < ORPHANS; made += batch) {
        pid_t nursery = fork();
        if (!nursery) {
            for (int each = 0; each < batch; each++) {
                pid_t orphan = fork();
                if (!orphan)
                    _exit(7);
                *last = orphan;
            }
            _exit(0);
        }
        waitpid(nursery, NULL, 0);
        while (!kill(*last, 0))
            sched_yield();
        if (paced)
            wait_for_memory();
    }
    say("orphans made\n");
}

static void caught(int number) { (void)number; }

static int serve(bool paced) {
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, NULL);
    for (int number = 1; number <= SIGRTMAX; number++)
        signal(number, caught); /* never called: it is for whoever looks */
    signal(SIGCHLD, SIG_DFL);
    if (!access("/", W_OK))
        say("the root can be written\n");
    say("ready\n");
    for (int number; sigwait(&all, &number) == 0;) {
        if (number == SIGQUIT)
            return 7;
        if (number == SIGUSR2)
            make_orphans(paced);
        if (number == SIGHUP)
            say("reloads\n");
        if (number == SIGTERM)
            say("deaf to TERM\n");
    }
    return 1;
}

/* confine FOLDER USER COMMAND...: the folder is the root, and no capability is left. */
static int confine(char **words) {
    int user = atoi(words[1]);
    if (chroot(words[0]) || chdir("/"))
        return 90;
    for (int each = 0; prctl(PR_CAPBSET_DROP, each, 0, 0, 0) == 0; each++)
        ;
    if (user && (setgid((gid_t)user) || setuid((uid_t)user)))
        return 91;
    execv(words[2], words + 2);
    return 92;
}

int main(int count, char **words) {
    if (count > 4 && !strcmp(words[1], "confine"))
        return confine(words + 2);
    if (count > 2 && !strcmp(words[1], "exit"))
        return atoi(words[2]);
    return serve(count > 1 && !strcmp(words[1], "paced"));
}
