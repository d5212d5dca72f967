/* What the two helpers share: a connection to the test, and signals as the kernel has them.
 *
 * Each process has a connection of its own: the test sees by whose it is (SO_PEERCRED, unix(7)) which process says
 * something, and by its end that the process is no more. The address is an abstract one, "@NAME", which needs no
 * file system. */

#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define LAST 64

/* The kernel's own struct sigaction: libc's calls refuse 32 and 33, which are its own (signal(7)). */
struct action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    uint64_t mask;
};

static inline void act(int number, void (*handler)(int)) {
    struct action action = {.handler = handler};
    syscall(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
}

static inline void mask(int how, uint64_t set) { syscall(SYS_rt_sigprocmask, how, &set, NULL, sizeof set); }

static inline int dial(const char *address) {
    struct sockaddr_un name = {.sun_family = AF_UNIX};
    strncpy(name.sun_path, address, sizeof name.sun_path - 1);
    name.sun_path[0] = 0;
    socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(address));
    int line = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    if (line < 0 || connect(line, (struct sockaddr *)&name, size))
        err(90, "%s", address);
    return line;
}

static inline void say(int line, const char *format, ...) {
    char text[1024];
    va_list words;
    va_start(words, format);
    vsnprintf(text, sizeof text, format, words);
    va_end(words);
    if (send(line, text, strlen(text), MSG_NOSIGNAL) < 0)
        _exit(91); /* the test is gone */
}
