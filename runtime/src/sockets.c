#include "sockets.h"
#include "lift.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

/* Who may connect: the socket's owner, and root (unix(7), "Pathname socket ownership and permissions"). */
#define MODE 0600

/* The connections that wait until they are accepted. A further one waits in connect(2) itself. */
#define BACKLOG 64

/* Seconds that a connect(2) may wait for its turn. */
#define PATIENCE 5

_Static_assert(sizeof((struct sockaddr_un *)0)->sun_path == SOCKETS_PATH, "unix(7)");

static bool set_address(struct sockaddr_un *address, const char *path) {
    *address = (struct sockaddr_un){.sun_family = AF_UNIX};
    if (strlen(path) < sizeof address->sun_path) {
        strcpy(address->sun_path, path);
        return true;
    }
    errno = ENAMETOOLONG;
    return false;
}

/* -1, with the errno as it is, once this descriptor is closed, if it is one. */
static int refused(int fd) {
    int error = errno;
    if (fd >= 0)
        close(fd);
    errno = error;
    return -1;
}

static int open_socket(int flags) { return lift(socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | flags, 0)); }

/* Whether a socket is there, and no link to one, at which nobody listens any more. It never waits: where too many others
 * do, connect(2) fails with EAGAIN. */
static bool is_left_over(const struct sockaddr_un *address) {
    struct stat found;
    int fd = open_socket(SOCK_NONBLOCK);
    bool nobody = fd >= 0 && connect(fd, (const struct sockaddr *)address, sizeof *address) && errno == ECONNREFUSED;
    if (fd >= 0)
        close(fd);
    return nobody && !lstat(address->sun_path, &found) && S_ISSOCK(found.st_mode);
}

static bool is_bound(int fd, const struct sockaddr_un *address) {
    if (!bind(fd, (const struct sockaddr *)address, sizeof *address))
        return true;
    int error = errno;
    if (is_left_over(address)) {
        unlink(address->sun_path);
        return !bind(fd, (const struct sockaddr *)address, sizeof *address);
    }
    errno = error;
    return false;
}

int sockets_bound(const char *path) {
    struct sockaddr_un address;
    if (!set_address(&address, path))
        return -1;
    int fd = open_socket(SOCK_NONBLOCK);
    /* The file gets the mode of the socket (unix_bind_bsd() in the kernel), so nobody else can connect in between. */
    return fd >= 0 && !fchmod(fd, MODE) && is_bound(fd, &address) ? fd : refused(fd);
}

bool sockets_listen(int fd) { return !listen(fd, BACKLOG); }

int sockets_listening(const char *path) {
    int fd = sockets_bound(path);
    return fd < 0 || sockets_listen(fd) ? fd : refused(fd);
}

/* Wait so long for what is sent, and for a connection; 0: without an end (socket(7), SO_SNDTIMEO). */
static bool limit(int fd, time_t seconds) {
    struct timeval most = {.tv_sec = seconds};
    return !setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &most, sizeof most);
}

int sockets_connected(const char *path) {
    struct sockaddr_un address;
    if (!set_address(&address, path))
        return -1;
    int fd = open_socket(0);
    if (fd < 0 || !limit(fd, PATIENCE))
        return refused(fd);
    bool made;
    do
        made = !connect(fd, (struct sockaddr *)&address, sizeof address);
    while (!made && errno == EINTR); /* it had to wait; for this family nothing is under way then (connect(2)) */
    if (!made && errno == EAGAIN)
        errno = ETIMEDOUT;
    return made && limit(fd, 0) ? fd : refused(fd);
}

int sockets_accepted(int fd, struct ucred *by) {
    socklen_t size = sizeof *by;
    int taken = lift(accept4(fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK));
    return taken >= 0 && !getsockopt(taken, SOL_SOCKET, SO_PEERCRED, by, &size) ? taken : refused(taken);
}
