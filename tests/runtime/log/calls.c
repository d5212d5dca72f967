/* The system calls of the log in C, in the hands of its tests: the clock is theirs, and any call can be refused. The
 * linker's --wrap leads here. */

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

/* Both clocks in nanoseconds; each look at the time of day takes `pace`. */
int64_t realtime, monotonic, pace;

/* The error of each call; 0: it is not refused. */
int refuse_open, refuse_pwritev2, refuse_splice, refuse_pipe2;

/* So many writes are refused, as a terminal refuses them while another process writes there. */
int busy;

/* So many bytes a write takes. */
size_t most = SIZE_MAX;

int __wrap_clock_gettime(clockid_t clock, struct timespec *now) {
    int64_t *nanoseconds = clock == CLOCK_MONOTONIC ? &monotonic : &realtime;
    *now = (struct timespec){*nanoseconds / 1000000000, *nanoseconds % 1000000000};
    if (clock == CLOCK_REALTIME)
        realtime += pace;
    return 0;
}

static int refused(int error) {
    errno = error;
    return error ? -1 : 0;
}

int __wrap_open(const char *path, int flags, ...) {
    int __real_open(const char *, int, ...);
    return refused(refuse_open) ? -1 : __real_open(path, flags);
}

int __wrap_pipe2(int *both, int flags) {
    int __real_pipe2(int *, int);
    return refused(refuse_pipe2) ? -1 : __real_pipe2(both, flags);
}

ssize_t __wrap_pwritev2(int fd, const struct iovec *parts, int count, off_t offset, int flags) {
    ssize_t __real_pwritev2(int, const struct iovec *, int, off_t, int);
    return refused(refuse_pwritev2) ? -1 : __real_pwritev2(fd, parts, count, offset, flags);
}

ssize_t __wrap_splice(int from, off_t *from_at, int to, off_t *to_at, size_t length, unsigned flags) {
    ssize_t __real_splice(int, off_t *, int, off_t *, size_t, unsigned);
    return refused(refuse_splice) ? -1 : __real_splice(from, from_at, to, to_at, length, flags);
}

ssize_t __wrap_write(int fd, const void *data, size_t length) {
    ssize_t __real_write(int, const void *, size_t);
    if (busy <= 0)
        return __real_write(fd, data, length < most ? length : most);
    busy--;
    return refused(EAGAIN);
}
