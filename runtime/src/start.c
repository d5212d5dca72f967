#include "start.h"
#include "digits.h"
#include "execute.h"
#include "handlers.h"
#include "lift.h"
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* Milliseconds to wait for an exec. Most take one. A file system that does not answer must not hold up PID 1. */
#define EXEC_PATIENCE 50

/* Tell why the program can't be run, for the engine if the exec has taken long: errno, what has failed, the reason
 * (sigroute/pid1/kernel/spawn.py, described). If it has not, the engine tries once more and finds better words. */
static void tell(const char *name, int error, int writer) {
    char text[512];
    size_t size = digits_write(text, error);
    text[size] = 0;
    strcat(text, " exec '");
    strncat(text, name, 256);
    strcat(strcat(text, "': "), strerror(error));
    (void)!write(writer, text, strlen(text));
}

static _Noreturn void become(char **words, char **environment, int writer, pid_t parent) {
    setpgid(0, 0);
    execute_set_pids(environment, parent);
    /* Before the exec, as that may take long, and a signal has to be able to end it. */
    handlers_restore(0, 0);
    int error = execute(words, environment);
    tell(words[0], error, writer);
    _exit(126);
}

enum outcome start_child(char **words, char **environment, struct start *made) {
    int ends[2];
    pid_t parent = getpid();
    if (!lift_pipe(ends, O_NONBLOCK)) /* the child would inherit a standard one in the place of one that was closed */
        return NOT_MADE;
    made->pid = fork();
    if (!made->pid)
        become(words, environment, ends[1], parent);
    close(ends[1]);
    if (made->pid < 0) {
        close(ends[0]);
        return NOT_MADE;
    }
    setpgid(made->pid, made->pid); /* the child does the same: whichever runs first, the group exists */
    struct pollfd ready = {.fd = ends[0], .events = POLLIN};
    made->pipe = ends[0];
    if (!poll(&ready, 1, EXEC_PATIENCE))
        return LATE;
    char said;
    ssize_t size = read(ends[0], &said, 1);
    if (size < 0)
        return LATE;
    close(ends[0]);
    if (!size)
        return RUNS;
    kill(made->pid, SIGKILL); /* it exits by itself, unless somebody has stopped it */
    while (waitpid(made->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    return NOT_MADE;
}

bool start_sees_terminal(void) {
    int file = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (file >= 0)
        close(file);
    pid_t group;
    bool found = file >= 0;
    for (int each = STDIN_FILENO; each <= STDERR_FILENO && !found; each++)
        found = !ioctl(each, TIOCGPGRP, &group); /* a container may have no /dev/tty (tcgetpgrp(3)) */
    return found;
}
