#include "control.h"
#include "lift.h"
#include "payload.h"
#include "sockets.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct control control = {-1, -1, -1, 0};

/* Where it is, and which file that was when it was made. */
static char path[SOCKETS_PATH];
static struct stat file;

/* Have a descriptor tell by this signal that there is something to read (fcntl(2), "Signals"), and never block. The
 * engine hears of others by it, too (sigroute/pid1/kernel/notices.py). */
static bool arm(int fd, pid_t me) {
    return !fcntl(fd, F_SETOWN, me) && !fcntl(fd, F_SETSIG, SIGRTMAX) && !fcntl(fd, F_SETFL, O_ASYNC | O_NONBLOCK);
}

/* The file is made last, and listens last: so whoever connects finds all the rest, and the first connection tells. */
static bool is_open(struct control *made, pid_t me) {
    int ends[2];
    if (!lift_pipe(ends, 0))
        return false;
    made->reader = ends[0], made->writer = ends[1];
    if (!arm(made->reader, me) || (made->listener = sockets_bound(path)) < 0)
        return false;
    if (arm(made->listener, me) && sockets_listen(made->listener))
        return true;
    int error = errno;
    unlink(path);
    errno = error;
    return false;
}

void control_open(pid_t me) {
    struct part part;
    struct control made = {-1, -1, -1, 0};
    if (!payload_part("control", &part))
        return;
    errno = ENAMETOOLONG;
    if (part.size < sizeof path) {
        memcpy(path, part.data, part.size);
        if (is_open(&made, me)) {
            control = made;
            lstat(path, &file);
            return;
        }
    }
    control.error = errno;
    int opened[] = {made.listener, made.reader, made.writer};
    for (int each = 0; each < 3; each++)
        if (opened[each] >= 0)
            close(opened[each]);
}

void control_remove(void) {
    struct stat now;
    if (control.listener >= 0 && !lstat(path, &now) && now.st_dev == file.st_dev && now.st_ino == file.st_ino)
        unlink(path);
}
