#include "masks.h"
#include "digits.h"
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* A /proc that was mounted before the pid namespace was made shows other processes under the same pids; there,
 * /proc/self names us by our pid in the outer namespace (pid_namespaces(7), "/proc and PID namespaces"). */
bool masks_proc_is_ours(void) {
    char named[16], own[16];
    ssize_t size = readlink("/proc/self", named, sizeof named);
    return size > 0 && size == (ssize_t)digits_write(own, getpid()) && !memcmp(named, own, size);
}

/* The mask in a line of a status file (proc_pid_status(5)); false: it has no such line. */
static bool mask(const char *status, const char *line, signals *found) {
    const char *at = strstr(status, line);
    if (!at)
        return false;
    *found = 0;
    for (at += strlen(line); *at != '\n'; at++) {
        if (*at >= '0' && *at <= '9')
            *found = *found << 4 | (signals)(*at - '0');
        else if (*at >= 'a' && *at <= 'f')
            *found = *found << 4 | (signals)(*at - 'a' + 10);
        else if (*at != '\t' && *at != ' ')
            return false;
    }
    return true;
}

bool masks_handled(pid_t pid, signals *found) {
    char path[32] = "/proc/", status[4096];
    size_t end = strlen(path);
    end += digits_write(path + end, pid);
    memcpy(path + end, "/status", sizeof "/status");
    if (!masks_proc_is_ours())
        return false;
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return false;
    ssize_t size = read(file, status, sizeof status - 1);
    close(file);
    if (size <= 0)
        return false;
    status[size] = 0;
    signals ignored, caught;
    if (!mask(status, "\nSigIgn:", &ignored) || !mask(status, "\nSigCgt:", &caught))
        return false;
    *found = ignored | caught;
    return true;
}
