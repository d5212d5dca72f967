#include "kernel.h"
#include "masks.h"
#include <errno.h>
#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>


static int result(long answer) { return answer < 0 ? -errno : (int)answer; }

static int take(signals among, siginfo_t *info, int64_t most) {
    struct timespec left = {most / SECOND, most % SECOND};
    return result(syscall(SYS_rt_sigtimedwait, &among, info, most < 0 ? NULL : &left, sizeof among));
}

static pid_t reap(int options, int *status) { return result(syscall(SYS_wait4, -1, status, options, NULL)); }

static int has_stopped(void) {
    siginfo_t info = {.si_pid = 0}; /* waitid(2): it stays 0 where no child is in such a state */
    if (waitid(P_ALL, 0, &info, WSTOPPED | WNOHANG | WNOWAIT) < 0)
        return -errno;
    return info.si_pid != 0;
}

static int pending(signals *found) { return result(syscall(SYS_rt_sigpending, found, sizeof *found)); }

static int send(pid_t pid, int number) { return result(kill(pid, number)); }

static pid_t group_of(pid_t pid) { return result(getpgid(pid)); }

static int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * SECOND + time.tv_nsec;
}

static void give_way(void) { sched_yield(); }

struct kernel kernel = {take, reap, has_stopped, pending, send, group_of, now, give_way, masks_handled};
