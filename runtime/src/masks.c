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

/* Open the status file of a process; -1: there is none, or /proc is not ours. */
static int open_status(pid_t pid) {
    char path[32] = "/proc/";
    size_t end = strlen(path);
    end += digits_write(path + end, pid);
    memcpy(path + end, "/status", sizeof "/status");
    return masks_proc_is_ours() ? open(path, O_RDONLY | O_CLOEXEC) : -1;
}

/* The file stays open for the next signal, which most often is for the same process: to open it takes as long as to
 * read it. Each read from its beginning tells what is true then; it fails once the process has been reaped, even if
 * another has its pid. */
bool masks_handled(pid_t pid, signals *found) {
    static int file = -1;
    static pid_t whose;
    char status[4096];
    if (file < 0 || whose != pid) {
        if (file >= 0)
            close(file);
        file = open_status(pid);
        whose = pid;
    }
    ssize_t size = file < 0 ? -1 : pread(file, status, sizeof status - 1, 0);
    if (size <= 0) {
        if (file >= 0)
            close(file);
        file = -1;
        return false;
    }
    status[size] = 0;
    signals ignored, caught;
    const char *at = strstr(status, "\nSigIgn:");
    if (!at || !mask(at, "\nSigIgn:", &ignored) || !mask(at, "\nSigCgt:", &caught))
        return false;
    *found = ignored | caught;
    return true;
}
