/* A child of PID 1 that needs next to no memory, or as many megabytes as its argument says. It writes what it gets to its
 * standard output, and leaves an orphan at each USR2. HUP ends it with 7. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static void say(const char *what) { (void)!write(STDOUT_FILENO, what, strlen(what)); }

static void leave_orphan(void) {
    pid_t pid = fork();
    if (!pid) {
        if (!fork())
            usleep(1000); /* so its parent ends first */
        _exit(0);
    }
    waitpid(pid, NULL, 0);
    say("USR2\n");
}

static void caught(int number) { (void)number; }

static void take(size_t size) {
    volatile char *taken = malloc(size);
    for (size_t at = 0; taken && at < size; at += 1024)
        taken[at] = 1;
}

int main(int count, char **words) {
    static const char *const names[] = {[SIGQUIT] = "QUIT\n", [SIGTERM] = "TERM\n", [SIGSEGV] = "SEGV\n",
                                        [SIGPROF] = "PROF\n"};
    sigset_t all;
    sigfillset(&all);
    sigdelset(&all, SIGCHLD);
    for (int number = 1; number < NSIG; number++)
        if (number != SIGCHLD)
            signal(number, caught); /* for whoever looks; never called */
    sigprocmask(SIG_BLOCK, &all, NULL);
    if (count > 1)
        take(strtoul(words[1], NULL, 10) << 20);
    say("READY\n");
    for (;;) {
        int number = sigwaitinfo(&all, NULL);
        if (number == SIGUSR2)
            leave_orphan();
        else if (number == SIGHUP)
            _exit(7);
        else if (number > 0 && (size_t)number < sizeof names / sizeof *names && names[number])
            say(names[number]);
    }
}
