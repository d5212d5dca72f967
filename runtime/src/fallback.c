#include "fallback.h"
#include "python.h"
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

/* Write an error without waiting for a reader: standard error is opened anew, as O_NONBLOCK on the inherited one would
 * hold for every child, too (open(2), "open file description"). */
static void warn(const char *why) {
    static const char before[] = "sigroute: error: ", after[] = ": from now on it only sends first signals and reaps\n";
    int file = open("/proc/self/fd/2", O_WRONLY | O_APPEND | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0)
        return;
    char text[256];
    size_t length = strlen(why);
    memcpy(text, before, sizeof before - 1);
    memcpy(text + sizeof before - 1, why, length);
    memcpy(text + sizeof before - 1 + length, after, sizeof after - 1);
    (void)!write(file, text, sizeof before - 1 + length + sizeof after - 1);
    close(file);
}

static void send_first(const struct table *table, const struct event *event) {
    const struct entry *entry = &table->first[event->sender][event->signal];
    signals handled;
    if (!entry->signal || (entry->kind == GUARDED && kernel.handled(watch.child, &handled) &&
                           !(handled & BIT(entry->signal))))
        return;
    kernel.send(entry->group ? -watch.child : watch.child, entry->signal);
}

static void end_with(int status) {
    if (WIFEXITED(status))
        _exit(WEXITSTATUS(status));
    if (WIFSIGNALED(status))
        _exit(128 + WTERMSIG(status));
}

_Noreturn void fallback(const struct table *table, const char *why) {
    static const entries nothing;
    warn(why);
    if (!watch.child)
        _exit(126);
    watch.entries = &nothing;
    watch.owned[0] = watch.child, watch.owners = 1;
    struct event event = handed.event;
    for (;; watch_next(&event)) {
        if (event.what == SIGNAL)
            send_first(table, &event);
        else if (event.what == STATUS && event.pid == watch.child)
            end_with(event.status);
        else if (event.what == CHILDLESS)
            _exit(1);
        else if (event.what == REFUSED)
            usleep(100000); /* the next call may be refused, too */
    }
}
