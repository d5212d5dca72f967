/* puppet ROLE: a process that does nothing but what it is told, through the socket whose abstract name is in $PUPPETS
 * (unix(7)). First it writes its role and its pid; after each command it writes "done".
 *
 *     exit CODE              it exits
 *     die SIGNAL             that signal has its default effect on it
 *     kill PID SIGNAL        it sends one
 *     queue PID SIGNAL N     it sends one with a value
 *     orphan ROLE            it leaves one more puppet to whoever adopts it
 *     leave                  it goes from its process group to another
 *
 * It has a handler for each signal but those in $DEFAULTS. */

#define _GNU_SOURCE
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static int server = -1;

static void handler(int number) { (void)number; }

static void handle_all(void) {
    for (int number = 1; number <= SIGRTMAX; number++)
        signal(number, handler);
    const char *left = getenv("DEFAULTS");
    for (char *end; left && *left; left = end) {
        long number = strtol(left, &end, 10);
        if (end == left)
            break;
        signal((int)number, SIG_DFL);
    }
}

static void introduce(const char *role) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    const char *name = getenv("PUPPETS");
    char text[128];
    if (!name)
        exit(64);
    strncpy(address.sun_path + 1, name, sizeof address.sun_path - 2);
    if (server >= 0)
        close(server);
    server = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (connect(server, (struct sockaddr *)&address,
                (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))))
        exit(65);
    snprintf(text, sizeof text, "%s %d", role, getpid());
    if (write(server, text, strlen(text)) < 0)
        exit(66);
}

static void die(int number) {
    struct rlimit none = {0, 0};
    sigset_t set;
    setrlimit(RLIMIT_CORE, &none);
    signal(number, SIG_DFL);
    sigemptyset(&set);
    sigaddset(&set, number);
    sigprocmask(SIG_UNBLOCK, &set, NULL);
    raise(number);
}

static void reap(pid_t pid) {
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

static void leave_orphan(const char *role) {
    pid_t between = fork();
    if (!between) {
        if (fork())
            _exit(0);
        introduce(role);
        return;
    }
    reap(between);
}

/* The other member makes the group, which has to have one: its own parent waits for it at its end. */
static void leave_group(void) {
    pid_t other = fork();
    if (!other) {
        setpgid(0, 0);
        _exit(0);
    }
    setpgid(other, other);
    setpgid(0, other);
    reap(other);
}

static void act(char *text) {
    char *words[4] = {"", "", "", ""};
    int count = 0;
    for (char *word = strtok(text, " "); word && count < 4; word = strtok(NULL, " "))
        words[count++] = word;
    if (!strcmp(words[0], "exit"))
        exit(atoi(words[1]));
    if (!strcmp(words[0], "die"))
        die(atoi(words[1]));
    else if (!strcmp(words[0], "kill"))
        kill(atoi(words[1]), atoi(words[2]));
    else if (!strcmp(words[0], "queue"))
        sigqueue(atoi(words[1]), atoi(words[2]), (union sigval){.sival_int = atoi(words[3])});
    else if (!strcmp(words[0], "orphan"))
        leave_orphan(words[1]);
    else if (!strcmp(words[0], "leave"))
        leave_group();
}

int main(int count, char **words) {
    if (count < 2)
        return 64;
    handle_all();
    introduce(words[1]);
    for (;;) {
        char text[128];
        ssize_t size = read(server, text, sizeof text - 1);
        if (!size)
            return 0;
        if (size < 0)
            continue;
        text[size] = 0;
        pid_t me = getpid();
        act(text);
        if (getpid() == me)
            size = write(server, "done", 4);
    }
}
