/* value send PID NUMBER WORD...: queue a signal with each of these values, or send it by kill(2) for "none".
 * value receive FILE: write down what comes, line by line: "ready", then the number, and the value or "none". */

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void handler(int number) { (void)number; }

static int send_all(pid_t pid, int number, char **words) {
    for (; *words; words++) {
        union sigval value = {.sival_int = atoi(*words)};
        if (strcmp(*words, "none") ? sigqueue(pid, number, value) : kill(pid, number))
            return perror(*words), 1;
    }
    return 0;
}

static int receive(const char *path) {
    FILE *file = fopen(path, "a");
    sigset_t set;
    if (!file)
        return perror(path), 1;
    setvbuf(file, NULL, _IOLBF, 0);
    sigfillset(&set);
    sigprocmask(SIG_BLOCK, &set, NULL);
    for (int number = 1; number <= SIGRTMAX; number++)
        signal(number, handler); /* never runs; an init may look whether the child handles what it would forward */
    fprintf(file, "ready\n");
    for (;;) {
        siginfo_t info;
        if (sigwaitinfo(&set, &info) < 0)
            continue;
        if (info.si_code == SI_QUEUE)
            fprintf(file, "%d %d\n", info.si_signo, info.si_value.sival_int);
        else
            fprintf(file, "%d none\n", info.si_signo);
        if (info.si_signo == SIGTERM)
            return 0;
    }
}

int main(int count, char **words) {
    if (count == 3 && !strcmp(words[1], "receive"))
        return receive(words[2]);
    if (count > 3 && !strcmp(words[1], "send"))
        return send_all(atoi(words[2]), atoi(words[3]), words + 4);
    return 64;
}
