#include "writer.h"
#include "lift.h"
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

/* How often to try a terminal: these tries take microseconds, and another writer holds its lock for less. */
enum { TRIES = 20 };

/* Open the file of a descriptor anew, so that nobody else shares our O_NONBLOCK (proc_pid_fd(5)). */
static int open_anew(int fd) {
    char path[] = "/proc/self/fd/\0\0\0\0\0\0\0\0\0\0";
    char digits[10];
    int count = 0;
    do
        digits[count++] = (char)('0' + fd % 10);
    while (fd /= 10);
    for (char *to = path + strlen(path); count;)
        *to++ = digits[--count];
    return open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
}

static ssize_t plainly(struct writer *writer, const char *data, size_t length) {
    return write(writer->fd, data, length);
}

/* Try several times: a non-blocking write fails while another process writes there (tty_write_lock() in the kernel). */
static ssize_t to_terminal(struct writer *writer, const char *data, size_t length) {
    for (int tries = 0; tries < TRIES; tries++) {
        ssize_t written = write(writer->fd, data, length);
        if (written >= 0 || errno != EAGAIN)
            return written;
        sched_yield();
    }
    return write(writer->fd, data, length);
}

static ssize_t without_waiting(struct writer *writer, const char *data, size_t length) {
    struct iovec part = {(void *)data, length};
    return pwritev2(writer->fd, &part, 1, -1, RWF_NOWAIT);
}

/* Move the data as a page: a pipe has room for 16 pages only (pipe(7)), so RWF_NOWAIT comes first. */
static ssize_t through_own_pipe(struct writer *writer, const char *data, size_t length) {
    if (writer->own[0] < 0 && !lift_pipe(writer->own, 0))
        return -1;
    if (write(writer->own[1], data, length) < 0)
        return -1;
    ssize_t moved = splice(writer->own[0], NULL, writer->fd, NULL, length, SPLICE_F_NONBLOCK);
    if (moved < 0) { /* the data did not fit: empty the own pipe. Either they are the rest, or there is no rest */
        int error = errno;
        ssize_t emptied = read(writer->own[0], writer->rest, length);
        (void)emptied;
        errno = error;
    }
    return moved;
}

/* Find a way to write that cannot block.
 *
 * Every child would share O_NONBLOCK on standard error itself (open(2), "open file description"). So a terminal or a
 * FIFO is opened anew, if that is permitted. Else a single write can be told not to wait: by RWF_NOWAIT (preadv2(2);
 * for pipes since Linux 6.4), or for a pipe by SPLICE_F_NONBLOCK, from a pipe of our own (splice(2)). A regular file
 * blocks only if its file system is frozen, or its server is away, and then every call blocks: RWF_NOWAIT, if it is
 * supported, waits for the thaw, too (sb_start_write() in the kernel). */
void writer_open(struct writer *writer, int fd, char *rest) {
    *writer = (struct writer){.fd = fd, .once = plainly, .own = {-1, -1}, .rest = rest};
    struct stat status;
    if (fstat(fd, &status) < 0) { /* the descriptor is closed */
        writer->dry = true;
        return;
    }
    bool fifo = S_ISFIFO(status.st_mode);
    if (S_ISREG(status.st_mode))
        return;
    if (!fifo && !S_ISCHR(status.st_mode)) {
        writer->once = without_waiting;
        return;
    }
    int opened = lift(open_anew(fd));
    if (opened >= 0) {
        writer->fd = opened;
        writer->once = fifo ? plainly : to_terminal;
    } else { /* no /proc, or the pipe is another user's */
        writer->once = without_waiting;
        writer->other = fifo ? through_own_pipe : NULL;
    }
}

/* Write in the next way, if there is one; else stay silent, as every other way may block. */
static bool otherwise(struct writer *writer, const char *data, size_t length) {
    if (writer->other) {
        writer->once = writer->other;
        writer->other = NULL;
        return writer_write(writer, data, length);
    }
    writer->dry = true;
    return false;
}

static bool is_unsupported(int error) {
    return error == EINVAL || error == ENOSYS || error == EOPNOTSUPP;
}

bool writer_write(struct writer *writer, const char *data, size_t length) {
    ssize_t written = writer->once(writer, data, length);
    if (written < 0)
        return is_unsupported(errno) && writer->once != plainly && otherwise(writer, data, length);
    writer->left = length - (size_t)written;
    memmove(writer->rest, data + written, writer->left); /* the data may be the rest itself */
    return true;
}

bool writer_flush(struct writer *writer) {
    return (!writer->left || writer_write(writer, writer->rest, writer->left)) && !writer->left;
}
