#include "fallback.h"
#include "lines.h"
#include "python.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define CANNOT_RUN 126
#define FAILURE 1

/* The most bytes of the reason that are written. */
#define LONGEST 160

/* Write an error without waiting for a reader: standard error is opened anew, as O_NONBLOCK on the inherited one would
 * hold for every child, too (open(2), "open file description"). */
static void warn(const char *why, const char *so) {
    int file = open("/proc/self/fd/2", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0 || lines.level >= LEVELS)
        return;
    char text[512] = "sigroute: error: ";
    strncat(text, why, LONGEST);
    strcat(strcat(strcat(text, ": "), so), "\n");
    (void)!write(file, text, strlen(text));
    close(file);
}

static void send_first(const struct table *table, const struct event *event) {
    const struct entry *entry = &table->first[event->sender][event->signal];
    signals handled;
    if (!entry->signal || (entry->kind == GUARDED && kernel.handled(watch.child, &handled) &&
                           !(handled & BIT(entry->signal))))
        return;
    bool leads = entry->group && kernel.group_of(watch.child) == watch.child; /* it may have left its group */
    watch_send(leads ? -watch.child : watch.child, entry->signal);
}

/* Only the engine knew the children that it had started. So send a stop signal to all processes, and drop any other
 * signal. Only for PID 1 these are the processes of the container (kill(2)). */
static void send_all(const struct table *table, const struct event *event) {
    if (watch.me == 1 && (table->stops | BIT(SIGTERM)) & BIT(event->signal))
        watch_send(-1, event->signal);
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
        warn(why, "nothing was started");
        _exit(CANNOT_RUN);
    }
    warn(why, "from now on it only sends first signals and reaps");
    if (handed.ended)
        end_with(handed.status);
    watch.entries = &nothing;
    watch.stops = table->stops;
    watch.owned[0] = watch.child, watch.owners = 1;
    struct event event = handed.event;
    for (;; watch_next(&event)) {
        if (event.what == SIGNAL)
            (watch.child ? send_first : send_all)(table, &event);
        else if (event.what == STATUS && event.pid == watch.child)
            end_with(event.status);
        else if (event.what == CHILDLESS)
            _exit(FAILURE);
        else if (event.what == REFUSED)
            usleep(100000); /* the next call may be refused, too */
    }
}
