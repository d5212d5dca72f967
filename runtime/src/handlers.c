#include "handlers.h"
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

signals handlers_ignored;

/* As rt_sigaction(2) has it. sigaction(3) refuses 32 and 33, which the C library takes for itself. */
struct action {
    void (*handler)(int);
    unsigned long flags;
    void (*restorer)(void);
    signals mask;
};

static void caught(int number) { (void)number; }

static bool is_settable(int number) { return number != SIGKILL && number != SIGSTOP; }

static bool is_ignored(int number) {
    struct action action = {0};
    syscall(SYS_rt_sigaction, number, NULL, &action, sizeof action.mask);
    return action.handler == SIG_IGN;
}

/* The handlers never run, as the signals stay blocked. They exist for two reasons: some runtimes read SigCgt of PID 1
 * before they send TERM, and with CHLD ignored, children would vanish without a status (waitpid(2), NOTES). */
void handlers_install(void) {
    struct sigaction ours = {.sa_handler = caught, .sa_flags = SA_RESTART}, before;
    sigfillset(&ours.sa_mask);
    sigaction(SIGCHLD, &ours, &before);
    handlers_ignored = before.sa_handler == SIG_IGN ? BIT(SIGCHLD) : 0;
    for (int number = 1; number <= SIGNALS; number++)
        if (number != SIGCHLD && is_settable(number) && !sigaction(number, &ours, &before) &&
            before.sa_handler == SIG_IGN)
            handlers_ignored |= BIT(number);
    for (int number = 32; number <= 33; number++)
        if (is_ignored(number))
            handlers_ignored |= BIT(number);
}

static void set(int number, bool is_ignored) {
    struct action action = {.handler = is_ignored ? SIG_IGN : SIG_DFL};
    syscall(SYS_rt_sigaction, number, &action, NULL, sizeof action.mask);
}

void handlers_release(signals left) {
    for (int number = 1; number <= SIGNALS; number++)
        if (left & BIT(number) && is_settable(number))
            set(number, handlers_ignored & BIT(number));
    syscall(SYS_rt_sigprocmask, SIG_UNBLOCK, &left, NULL, sizeof left);
}

void handlers_restore(signals blocked, signals ignored) {
    for (int number = 1; number <= SIGNALS; number++)
        if (is_settable(number))
            set(number, ignored & BIT(number)); /* before the mask, so that no handler of ours can run */
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, &blocked, NULL, sizeof blocked);
}
