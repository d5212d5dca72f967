#include "guard.h"
#include "handlers.h"
#include "refuse.h"
#include "watch.h"
#include <errno.h>
#include <setjmp.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <unistd.h>

/* More bytes than Python needs to come up. If they can't be mapped, it is not started (tests/runtime/bring_up/). */
#define NEEDED (3 << 20)

/* Seconds of CPU time. Python comes up in milliseconds, but without memory it may call mmap(2) and brk(2) for ever. */
#define TIME 1

/* What the kernel raises: faults, and the signal of the timer. A fault ends a process that blocks its signal
 * (force_sig() in the kernel), so these signals are unblocked while the guard is tight. */
static const struct {
    int number;
    const char *means;
} raised[] = {
    {SIGSEGV, "Python has crashed (SIGSEGV)"}, {SIGBUS, "Python has crashed (SIGBUS)"},
    {SIGILL, "Python has crashed (SIGILL)"},   {SIGFPE, "Python has crashed (SIGFPE)"},
    {SIGSYS, "Python has crashed (SIGSYS)"},   {SIGPROF, "Python comes to no end"},
};

#define RAISED (sizeof raised / sizeof *raised)

/* The same signals where a process has sent them meanwhile: one of each, as only one of each can be pending
 * (signal(7)). */
static siginfo_t sent[RAISED];

static struct sigaction before[RAISED];
static bool guards, tight;
static const char *volatile reason;
static jmp_buf back;

/* The handlers' own stack: the fault may be that the other one has overflowed (sigaltstack(2)). */
static char stack[32768];

static void caught(int number, siginfo_t *info, void *context) {
    (void)context;
    size_t each = 0;
    while (raised[each].number != number)
        each++;
    if (info->si_code > 0) /* the kernel's (sigaction(2), "The si_code field") */
        guard_give_up(raised[each].means);
    if (!sent[each].si_signo)
        sent[each] = *info;
}

/* Have SIGPROF raised after so many seconds of CPU time (setitimer(2)); 0: never. */
static void limit_time(time_t seconds) {
    struct itimerval timer = {.it_value.tv_sec = seconds};
    setitimer(ITIMER_PROF, &timer, NULL);
}

static void block_raised(int how) {
    signals all = 0;
    for (size_t each = 0; each < RAISED; each++)
        all |= BIT(raised[each].number);
    syscall(SYS_rt_sigprocmask, how, &all, NULL, sizeof all);
}

static void tighten(void) {
    stack_t own = {.ss_sp = stack, .ss_size = sizeof stack};
    sigaltstack(&own, NULL);
    struct sigaction ours = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART};
    sigfillset(&ours.sa_mask);
    for (size_t each = 0; each < RAISED; each++)
        sigaction(raised[each].number, &ours, &before[each]);
    tight = true;
    limit_time(TIME);
    block_raised(SIG_UNBLOCK);
}

void guard_ease(void) {
    if (!tight)
        return;
    tight = false;
    limit_time(0); /* first, so that its signal is not left pending */
    block_raised(SIG_BLOCK);
    for (size_t each = 0; each < RAISED; each++) {
        sigaction(raised[each].number, &before[each], NULL);
        if (sent[each].si_signo) /* to no effect if one is pending by now (signal(7)) */
            syscall(SYS_rt_sigqueueinfo, watch.me, raised[each].number, &sent[each]);
    }
}

_Noreturn void guard_give_up(const char *why) {
    if (!guards || getpid() != watch.me)
        _exit(CANNOT_RUN);
    reason = why;
    _longjmp(back, 1);
}

/* Whether there is so much memory: limits may refuse it (getrlimit(2), RLIMIT_AS, RLIMIT_DATA). */
static bool has_memory(void) {
    void *found = mmap(NULL, NEEDED, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return found != MAP_FAILED && !munmap(found, NEEDED);
}

const char *guard_run(const char *(*work)(void)) {
    if (!has_memory())
        return "there is no memory for Python";
    guards = true;
    if (!_setjmp(back)) {
        tighten();
        reason = work();
    }
    guards = false;
    guard_ease();
    return reason;
}
