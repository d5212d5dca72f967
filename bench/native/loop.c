/* loop COPIES COMMAND...: a PID 1 that starts COPIES of COMMAND and sends each of them what it gets: the floor for
 * a broadcast by kill(2), one child after the other. */

#include "page.h"

int main(int count, char **words) {
    if (count < 3)
        errx(64, "usage: loop COPIES COMMAND...");
    int copies = atoi(words[1]);
    pid_t *children = calloc((size_t)copies, sizeof *children);
    sigset_t all, before;
    sigfillset(&all);
    sigprocmask(SIG_BLOCK, &all, &before);
    for (int child = 0; child < copies; child++) {
        children[child] = fork();
        if (!children[child]) {
            sigprocmask(SIG_SETMASK, &before, NULL);
            execv(words[2], words + 2);
            err(127, "%s", words[2]);
        }
    }
    for (;;) {
        siginfo_t info;
        int number = sigwaitinfo(&all, &info);
        if (number == SIGCHLD)
            while (waitpid(-1, NULL, WNOHANG) > 0)
                ;
        else if (number > 0)
            for (int child = 0; child < copies; child++)
                kill(children[child], number);
    }
}
