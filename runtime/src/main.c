/* The order of things: block (entry.S), check the payload, start the child, watch; bring up Python for the rest. */
#include "command.h"
#include "control.h"
#include "entry.h"
#include "execute.h"
#include "fallback.h"
#include "finish.h"
#include "guard.h"
#include "handlers.h"
#include "lines.h"
#include "log.h"
#include "masks.h"
#include "payload.h"
#include "python.h"
#include "refuse.h"
#include "start.h"
#include "watch.h"
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

/* The C library takes these for itself: they stay blocked, and are never routed (signal(7)). */
#define OF_LIBC (BIT(32) | BIT(33))

/* A child's name or program as long as this, or longer, is left to the engine. */
#define LONGEST 256

extern char **environ;

static const struct table *find_table(const char *name) {
    struct part part;
    if (!payload_part("table", &part) || part.size <= offsetof(struct table, texts) ||
        ((const struct table *)part.data)->format != TABLE_FORMAT ||
        ((const struct table *)part.data)->size != offsetof(struct table, texts))
        refuse(name, PAYLOAD_BROKEN);
    return (const struct table *)part.data;
}

/* Whether a word is shown without an escape in a line, both as text and as JSON. The engine escapes any other. */
static bool is_plain(const char *word) {
    for (const char *at = word; *at; at++)
        if (*at < ' ' || *at > '~' || *at == '"' || *at == '\\')
            return false;
    return *word && strlen(word) < LONGEST;
}

static const char *last_part(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The command on the command line, which may be empty; NULL: there is an option of the engine's own instead, such as
 * --sigroute-version, and nothing is supervised (enter() in sigroute/pid1/watch/rules.py). */
static char **command_of(char **words) {
    char **command = words + 1;
    if (!*command || (*command)[0] != '-')
        return command;
    return strcmp(*command, "--") ? NULL : command + 1;
}

/* Open the control socket, unless there is a command that the rules do not take: it runs without them (with_instead() in
 * sigroute/language/resolve/planner.py). */
static void open_control(const struct table *table, char **words) {
    char **command = command_of(words);
    if (command && (table->takes_command || !*command))
        control_open(watch.me);
}

/* The command of the first child, if the watch can start it; NULL: the engine must. */
static char **plain_command(const struct table *table, char **words) {
    static char *own[64];
    char **command = command_of(words);
    if (!table->can_start || lines.level > LEVELS || control.error || !command)
        return NULL; /* the engine says what is wrong with the level or the control socket, or answers an option */
    if (!*command != !table->takes_command)
        return NULL; /* a command too many, or none */
    if (!table->takes_command) {
        const char *at = table->texts + table->command;
        if (table->command_words >= sizeof own / sizeof *own)
            return NULL;
        for (uint32_t each = 0; each < table->command_words; each++, at += strlen(at) + 1)
            own[each] = (char *)at;
        command = own;
    }
    lines.program = command[0];
    lines.name = table->name ? table->texts + table->name : last_part(command[0]);
    bool plain = is_plain(lines.program) && is_plain(lines.name) && execute_can_set_pids(handed.environment);
    return plain && !(table->terminal && start_sees_terminal()) ? command : NULL;
}

/* The number of the level of this name; LEVELS + 1 if there is none: then the engine is brought up, and says so. */
static uint32_t level_of(const char *name) {
    static const char *const levels[] = {"debug", "info", "warning", "error", "quiet"};
    uint32_t level = 0;
    while (level < sizeof levels / sizeof *levels && strcmp(name, levels[level]))
        level++;
    return level;
}

static void open_log(const struct table *table) {
    const char *before = table->texts + table->lost_before, *after = table->texts + table->lost_after;
    const char *asked = execute_value(handed.environment, "SIGROUTE_LOG");
    lines.level = handed.level >= 0 ? (uint32_t)handed.level : asked && *asked ? level_of(asked) : table->level;
    log_open(STDERR_FILENO, table->stamp, (struct numbered){{before, strlen(before)}, {after, strlen(after)}});
}

/* Orphans among our descendants come to us, even if we are not PID 1 (PR_SET_CHILD_SUBREAPER(2const)). */
static uint32_t adopt(const struct table *table) {
    if (watch.me == 1 || !table->adopts)
        return 0;
    handed.not_adopted = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0;
    return handed.not_adopted ? table->not_adopted : table->adopted;
}

/* Whether to bring up the engine at the start, so that a stop takes no more memory. */
static bool is_early(void) {
    const char *when = execute_value(handed.environment, "SIGROUTE_ENGINE");
    return when && !strcmp(when, "early");
}

static void begin(const struct table *table, char **words) {
    uint32_t note = adopt(table);
    open_control(table, words);
    char **command = plain_command(table, words);
    struct start made;
    if (!command)
        return;
    enum outcome outcome = start_child(command, handed.environment, &made);
    if (outcome == NOT_MADE)
        return;
    handed.pid = watch.child = watch.owned[0] = made.pid;
    watch.owned_count = 1;
    if (outcome == LATE) {
        handed.pipe = made.pipe;
        return;
    }
    lines_tell(table->texts, note, NULL);
    lines_tell(table->texts, table->started, &(struct holes){.child = made.pid});
    handed.start_is_told = true;
}

/* Watch until something happens that is for the engine. */
static void keep_watch(const struct table *table) {
    for (;;) {
        watch_next(&handed.event, NEVER);
        if (handed.event.what == STATUS && handed.event.pid == watch.child)
            finish(table, &handed.event);
        if (handed.event.what != NOTHING)
            return;
    }
}

int main(int count, char **words) {
    static char *none[] = {"sigroute", NULL};
    if (!count)
        words = none;
    const char *fault = payload_open();
    if (fault)
        refuse(words[0], fault);
    handlers_install();
    handed = (struct handed){.words = words, .environment = environ, .pipe = -1, .level = -1};
    if (payload_is_command())
        handed.words = words = command_prepare(words);
    const struct table *table = find_table(words[0]);
    watch = (struct watch){.entries = &table->entries, .texts = table->texts, .me = getpid(), .parent = getppid(),
                           .awaited = ALL_SIGNALS & ~OF_LIBC, .stops = table->stops, .reaped = table->reaped,
                           .may_have_stopped = true, .owned_count = -1};
    open_log(table);
    handed.early = is_early();
    begin(table, words);
    if (handed.start_is_told && !handed.early)
        keep_watch(table);
    fallback(table, guard_run(python_run));
}
