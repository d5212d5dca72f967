/* A child that writes down what it gets: READY once it and its worker can take signals, then a line for each signal.
 *
 *     child FILE
 *
 * The worker leads a session of its own, so that only who looks at the tree finds it. An orphan is left to PID 1, which
 * has to reap it at once. TERM ends the child with 7 as soon as its own TERM has ended the worker; it says so where
 * that does not come. */

#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static int file;

static void tell(const char *line)
{
    if (write(file, line, strlen(line)) < 0)
        _exit(8);
}

static void worker(const sigset_t *all)
{
    setsid();
    tell("READY\n");
    for (int number = 0; !sigwait(all, &number);)
        if (number == SIGTERM) {
            tell("worker TERM\n");
            _exit(0);
        }
}

static void orphan(void)
{
    if (!fork())
        _exit(0);
    usleep(20000); /* it is a zombie by now, and its parent is about to leave it */
    _exit(0);
}

int main(int count, char **words)
{
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    sigdelset(&all, SIGCHLD);
    file = open(count > 1 ? words[1] : "/dev/null", O_WRONLY | O_CREAT | O_APPEND, 0666);
    pid_t works = fork();
    if (!works)
        worker(&all);
    pid_t leaves = fork();
    if (!leaves)
        orphan();
    waitpid(leaves, NULL, 0);
    for (int number = 0; !sigwait(&all, &number);)
        if (number == SIGTERM) {
            tell("TERM\n");
            for (int look = 0; look < 100 && !waitpid(works, NULL, WNOHANG); look++)
                usleep(10000);
            if (!kill(works, 0))
                tell("alone\n");
            _exit(7);
        } else if (number == SIGUSR2)
            tell("USR2\n");
        else
            tell("another\n");
    return 9;
}
