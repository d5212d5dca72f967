#include "fallback.h"
#include "lines.h"
#include "log.h"
#include "python.h"
#include "refuse.h"
#include <errno.h>
#include <string.h>
#include <unistd.h>

#define CANNOT_RUN 126
#define FAILURE 1

/* After these a stopped child gets no CONT, as in sigroute/pid1/engine/delivery.py. */
#define NO_CONT (BIT(SIGKILL) | BIT(SIGCONT) | BIT(SIGSTOP) | BIT(SIGTSTP) | BIT(SIGTTIN) | BIT(SIGTTOU))

/* The most bytes of the reason that are written. */
#define LONGEST 160

/* What is told around the reason: in the text form, and in JSON, as sigroute/pid1/log/narrate.py has it. */
struct form {
    const char *before, *after;
};

static const struct form goes_on[] = {
    {" sigroute: error: an error of sigroute's own (", "): from now on it only sends first signals and reaps\n"},
    {"{\"time\": \"\", \"level\": \"error\", \"event\": \"fallback\", \"text\": \"", "\"}\n"},
};
static const struct form ends[] = {
    {" sigroute: warning: ", ": nothing was started\n"},
    {"{\"time\": \"\", \"level\": \"warning\", \"event\": \"note\", \"text\": \"", ": nothing was started\"}\n"},
};

static bool is_shown(char each, bool json) {
    return each >= ' ' && each <= '~' && !(json && (each == '"' || each == '\\'));
}

/* Tell why, unless the rules want no log. A stand-in has no log either, but this is no line of the other program's. */
static void tell(const struct table *table, const struct form *forms, const char *why) {
    bool json = table->stamp != 0;
    if (lines.level == LEVELS && table->adopts)
        return;
    char text[512] = "";
    strcpy(text, forms[json].before);
    char *shown = text + strlen(text);
    strncat(text, why, LONGEST);
    for (; *shown; shown++)
        if (!is_shown(*shown, json))
            *shown = '?';
    strcat(text, forms[json].after);
    log_tell(&(struct line){text, strlen(text)}, 1, NULL);
}

static bool is_stop(const struct table *table, const struct event *event) {
    return (table->stops | (watch.child ? 0 : BIT(SIGTERM))) & BIT(event->signal);
}

/* Who gets CONT if the first child turns out to be stopped; 0: nobody. The child may have been stopped before it got
 * the signal of a stop, although the watch learns of it afterwards: of the pending signals the kernel takes the lowest
 * number first (next_signal()), and TERM (15) comes before CHLD (17). */
static pid_t owed;

/* Send the first child the first signal for this one. If that begins or repeats a stop, and the child is stopped, it
 * could not act on it without CONT. Whether anything was sent. */
static bool send_first(const struct table *table, const struct event *event) {
    const struct entry *entry = &table->first_signals[event->sender][event->signal];
    signals handled;
    if (!entry->signal || (entry->kind == GUARDED && kernel.handled(watch.child, &handled) &&
                           !(handled & BIT(entry->signal))))
        return false;
    bool leads = entry->group && kernel.group_of(watch.child) == watch.child; /* it may have left its group */
    pid_t receiver = leads ? -watch.child : watch.child;
    watch_send(receiver, entry->signal);
    if (is_stop(table, event) && !(BIT(entry->signal) & NO_CONT)) {
        owed = watch.stopped ? 0 : receiver;
        if (watch.stopped)
            watch_send(receiver, SIGCONT);
    }
    return true;
}

/* Only the engine knew the children that it had started. So send a stop signal to all processes, and drop any other
 * signal. Only for PID 1 these are the processes of the container (kill(2)). */
static bool send_all(const struct table *table, const struct event *event) {
    bool sent = watch.me == 1 && is_stop(table, event);
    if (sent)
        watch_send(-1, event->signal);
    return sent;
}

/* The end of `grace`: of the first child its process group goes, too. */
static void kill_all(void) {
    if (watch.child)
        watch_send(kernel.group_of(watch.child) == watch.child ? -watch.child : watch.child, SIGKILL);
    else if (watch.me == 1)
        watch_send(-1, SIGKILL);
}

static void end_with(int status) {
    if (WIFEXITED(status))
        _exit(WEXITSTATUS(status));
    if (WIFSIGNALED(status))
        _exit(128 + WTERMSIG(status));
}

_Noreturn void fallback(const struct table *table, const char *why) {
    static const entries nothing;
    if (!watch.child && kernel.has_stopped() == -ECHILD) {
        tell(table, ends, why);
        _exit(CANNOT_RUN);
    }
    tell(table, goes_on, why);
    if (handed.ended)
        end_with(handed.status);
    watch.entries = &nothing;
    watch.stops = table->stops;
    watch.owned[0] = watch.child, watch.owned_count = 1;
    struct event event = handed.event;
    int64_t due = NEVER;
    bool stops = false;
    for (;; watch_next(&event, due)) {
        if (due != NEVER && kernel.now() >= due)
            kill_all(), due = NEVER;
        if (event.what == SIGNAL) {
            bool sent = (watch.child ? send_first : send_all)(table, &event);
            if (sent && !stops && is_stop(table, &event) && table->grace >= 0)
                stops = true, due = event.at + table->grace;
        } else if (event.what == STATUS && event.pid == watch.child) {
            end_with(event.status);
            if (owed && watch.stopped)
                watch_send(owed, SIGCONT), owed = 0;
        } else if (event.what == CHILDLESS)
            _exit(FAILURE);
        else if (event.what == REFUSED)
            usleep(100000); /* the next call may be refused, too */
    }
}
