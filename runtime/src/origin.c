#include "origin.h"

/* The kernel sends these for a terminal (termios(3), tty_ioctl(4)). It sends IO and URG for descriptors, but any
 * process may have caused those. */
#define OF_TERMINAL \
    (BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU) | BIT(SIGWINCH) | BIT(SIGHUP) | \
     BIT(SIGCONT))

/* Signals of our own timers and limits: an exec keeps those that were set before it (getitimer(2), getrlimit(2)). */
#define TIMED (BIT(SIGALRM) | BIT(SIGVTALRM) | BIT(SIGPROF) | BIT(SIGXCPU))

/* No process can choose these codes for a signal to another (rt_sigqueueinfo(2)): the kernel sets them, and si_pid. */
static bool is_vouched(const siginfo_t *info) { return info->si_code == SI_USER || info->si_code == SI_TKILL; }

enum sender origin_sender(const siginfo_t *info, pid_t parent) {
    if (info->si_code == SI_KERNEL)
        return BIT(info->si_signo) & OF_TERMINAL ? TTY : INSIDE;
    /* A sender in another pid namespace has pid 0 here (pid_namespaces(7)). */
    return is_vouched(info) && (info->si_pid == 0 || info->si_pid == parent) ? OUTSIDE : INSIDE;
}

bool origin_is_own(const siginfo_t *info, pid_t me) {
    if (info->si_code == SI_KERNEL)
        return BIT(info->si_signo) & TIMED;
    return is_vouched(info) && info->si_pid == me;
}

/* F_SETSIG, fcntl(2): of SIGRTMAX's codes, only the kernel sends POLL_IN to POLL_HUP. IO is what it sends instead if the
 * queue is full. */
bool origin_is_notice(const siginfo_t *info) {
    if (info->si_code == SI_KERNEL)
        return info->si_signo == SIGIO;
    return info->si_signo == SIGRTMAX && info->si_code > 0;
}
