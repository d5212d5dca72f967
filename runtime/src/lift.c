#include "lift.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

int lift(int fd) {
    if (fd < 0 || fd > STDERR_FILENO)
        return fd;
    int lifted = fcntl(fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    int error = errno;
    close(fd);
    errno = error;
    return lifted;
}

bool lift_pipe(int ends[2], int flags) {
    int both[2];
    if (pipe2(both, O_CLOEXEC | flags) < 0)
        return false;
    both[0] = lift(both[0]);
    both[1] = lift(both[1]);
    if (both[0] < 0 || both[1] < 0) {
        int error = errno;
        close(both[both[0] < 0]); /* the end that is left, if any: close(-1) has no effect */
        errno = error;
        return false;
    }
    memcpy(ends, both, sizeof both);
    return true;
}
