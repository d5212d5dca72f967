#include "watch.h"
#include "counted.h"
#include "lines.h"
#include <errno.h>

struct watch watch;

/* The most exits that are reaped before signals are looked at again, and the most nanoseconds of that: as in
 * sigroute/pid1/loop.py. */
#define BATCH 256
#define SPELL INT64_C(5000000)

/* A wait of fewer nanoseconds did not sleep: its signal was pending already. */
#define SLEPT 20000

/* Errors after which a second try may succeed (errno(3)). */
static bool is_passing(int error) {
    return error == EINTR || error == EIO || error == EAGAIN || error == ENOMEM || error == ENFILE || error == EMFILE;
}

int watch_send(pid_t pid, int number) {
    int error = -kernel.send(pid, number);
    return is_passing(error) ? -kernel.send(pid, number) : error;
}

/* Do what the table says; false: the engine must see the signal, or that it was not sent. */
static bool answer(const siginfo_t *info, struct event *found) {
    const struct entry *entry = &(*watch.entries)[found->sender][found->signal];
    pid_t pid = entry->pid ? entry->pid : watch.child;
    signals handled;
    if (entry->kind == ASK || info->si_code == SI_QUEUE)
        return false;
    /* If the child has left its group, the engine signals the child itself. */
    if (entry->group && kernel.group_of(pid) != pid)
        return false;
    if (entry->kind == GUARDED && !(kernel.handled(pid, &handled) && handled & BIT(entry->signal)))
        return false;
    int error = entry->signal ? watch_send(entry->group ? -pid : pid, entry->signal) : 0;
    if (watch.has_slept)
        kernel.give_way(); /* to the receiver; not in a storm of signals, where the next one is pending already */
    watch.has_slept = false;
    lines_tell(watch.texts, entry->lines, &(struct holes){.sender = found->pid, .uid = found->uid, .child = pid});
    counted_answer(found->sender, found->signal);
    if (!error || error == ESRCH)
        return true;
    found->what = NOT_SENT, found->signal = entry->signal, found->pid = pid, found->error = error;
    return false;
}

/* Deal with a signal that was taken; false: the engine must see it. */
static bool taken(const siginfo_t *info, int64_t began, struct event *found) {
    if (info->si_signo == SIGCHLD) {
        watch.may_have_stopped = true;
        return true;
    }
    if (origin_is_own(info, watch.me))
        return true;
    found->what = SIGNAL;
    found->at = kernel.now();
    watch.has_slept = found->at - began > SLEPT;
    found->signal = info->si_signo, found->code = info->si_code;
    found->sender = (int)origin_sender(info, watch.parent);
    found->pid = info->si_pid, found->uid = info->si_uid;
    found->value = (int64_t)(intptr_t)info->si_value.sival_ptr;
    if (origin_is_notice(info)) {
        found->what = NOTICE, found->status = info->si_fd, found->error = info->si_code;
        return false;
    }
    return answer(info, found);
}

static int take(signals among, siginfo_t *info, int64_t most) {
    int number = kernel.take(among, info, most);
    return number < 0 && is_passing(-number) && number != -EAGAIN && number != -EINTR ? kernel.take(among, info, most)
                                                                                      : number;
}

static bool take_stop(struct event *found) {
    siginfo_t info;
    int number = watch.stops ? take(watch.stops, &info, 0) : 0;
    return number > 0 && !taken(&info, kernel.now(), found);
}

bool watch_take_stop(struct event *found) {
    bool is_done = watch.stop_looked_for;
    watch.stop_looked_for = false;
    return !is_done && take_stop(found);
}

/* A shell ends a stopped job with TERM, then CONT. A child that was stopped for reading from the terminal is then
 * stopped again at once. TERM must be passed on before anybody learns of that. */
static bool has_stopped(void) {
    signals pending;
    int found = kernel.has_stopped();
    if (is_passing(-found))
        found = kernel.has_stopped();
    watch.may_have_stopped = found > 0;
    return watch.may_have_stopped && (kernel.pending(&pending) || !(pending & watch.awaited & ~BIT(SIGCHLD)));
}

static bool is_owned(pid_t pid) {
    for (int each = 0; each < watch.owned_count; each++)
        if (watch.owned[each] == pid)
            return true;
    return watch.owned_count < 0;
}

static void tell_reaped(pid_t pid, int status) {
    if (WIFEXITED(status) || WIFSIGNALED(status)) {
        counted_reaped();
        long code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        lines_tell(watch.texts, watch.reaped, &(struct holes){.child = pid, .status = code});
    }
}

bool watch_reap(struct event *found) {
    int64_t until = kernel.now() + SPELL;
    watch.more_to_reap = false;
    for (int count = 0; count < BATCH; count++) {
        int status = 0;
        pid_t pid = kernel.reap(WNOHANG | WCONTINUED, &status);
        if (!pid && watch.may_have_stopped && has_stopped())
            pid = kernel.reap(WNOHANG | WUNTRACED, &status);
        if (!pid)
            return false;
        *found = (struct event){.what = STATUS, .pid = pid, .status = status, .at = kernel.now()};
        if (pid < 0) {
            found->what = pid == -ECHILD ? CHILDLESS : REFUSED, found->error = -pid;
            return true;
        }
        if (pid == watch.child)
            watch.stopped = WIFSTOPPED(status);
        if (is_owned(pid))
            return true;
        tell_reaped(pid, status);
        if (found->at >= until)
            break;
    }
    watch.more_to_reap = true;
    return false;
}

/* Look for a stop, then reap. If that finds an event, the engine goes on from there: watch_take_stop(), its next call,
 * does not look for a stop again. */
static bool turn(struct event *found) { return watch.stop_looked_for = watch_take_stop(found) || watch_reap(found); }

void watch_wait(struct event *found, int64_t due) {
    for (;;) {
        siginfo_t info;
        int64_t began = kernel.now(), left = due == NEVER ? NEVER : due > began ? due - began : 0;
        int number = take(watch.awaited, &info, watch.more_to_reap ? 0 : left);
        *found = (struct event){.what = NOTHING, .error = -number};
        /* A wait whose time is not over has no EAGAIN of its own (sigtimedwait(2)): a filter says that (seccomp(2)). */
        bool is_over = watch.more_to_reap || (due != NEVER && kernel.now() >= due);
        if (number < 0 && number != -EINTR && !(number == -EAGAIN && is_over)) {
            found->what = REFUSED;
            return;
        }
        if (number > 0 && !taken(&info, began, found))
            return;
        if (due != NEVER && kernel.now() >= due) {
            found->what = NOTHING;
            return;
        }
        if (turn(found)) {
            if (found->what == REFUSED)
                found->what = NOTHING; /* rt_sigtimedwait(2) works; the next watch_reap() reports wait4(2) */
            return;
        }
    }
}

void watch_next(struct event *found, int64_t due) {
    if (!turn(found))
        watch_wait(found, due);
}
