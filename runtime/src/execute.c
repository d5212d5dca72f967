#include "execute.h"
#include "digits.h"
#include <errno.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

/* The default for PATH: what container runtimes set. execvp(3) itself searches fewer directories. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

char *execute_value(char **environment, const char *name) {
    size_t size = strlen(name);
    for (; *environment; environment++)
        if (!strncmp(*environment, name, size) && (*environment)[size] == '=')
            return *environment + size + 1;
    return NULL;
}

/* Run a script without #! by /bin/sh, as execvp(3) does. One with more words than `shell` has room for is left to the
 * engine, which tries once more (start.c). */
static void by_shell(char *path, char **words, char **environment) {
    static char *shell[4096];
    size_t count = 0;
    shell[count++] = "/bin/sh";
    shell[count++] = path;
    for (words++; *words && count < sizeof shell / sizeof *shell - 1; words++)
        shell[count++] = *words;
    if (!*words)
        execve("/bin/sh", shell, environment);
}

/* Try a path; return whether another one may be tried. */
static bool try(char *path, char **words, char **environment) {
    execve(path, words, environment);
    if (errno == ENOEXEC) {
        by_shell(path, words, environment);
        errno = ENOEXEC;
    }
    return errno == ENOENT || errno == ENOTDIR || errno == EACCES;
}

int execute(char **words, char **environment) {
    char path[PATH_MAX], *name = words[0];
    const char *from = execute_value(environment, "PATH");
    if (strchr(name, '/')) {
        try(name, words, environment);
        return errno;
    }
    size_t length = strlen(name);
    bool goes_on = length > 0;
    int worst = 0;
    for (from = from ? from : DEFAULT_PATH; goes_on; from++) {
        size_t size = strcspn(from, ":");
        if (size + length + 3 <= sizeof path) {
            memcpy(path, size ? from : ".", size ? size : 1); /* an empty part means the current directory */
            size_t end = size ? size : 1;
            path[end] = '/';
            memcpy(path + end + 1, name, length + 1);
            goes_on = try(path, words, environment);
            worst = worst || errno == ENOENT || errno == ENOTDIR ? worst : errno;
        }
        from += size;
        if (!*from)
            break;
    }
    return worst ? worst : ENOENT;
}

void execute_set_pids(char **environment, pid_t parent) {
    static char changed[2][32];
    static const char *const names[] = {"LISTEN_PID", "WATCHDOG_PID"};
    char ours[DIGITS + 1], theirs[DIGITS + 1];
    ours[digits_write(ours, getpid())] = 0;
    theirs[digits_write(theirs, parent)] = 0;
    for (int each = 0; each < 2; each++) {
        const char *value = execute_value(environment, names[each]);
        if (!value || strcmp(value, theirs))
            continue;
        char **place = environment;
        while (*place + strlen(names[each]) + 1 != value)
            place++;
        strcat(strcat(strcpy(changed[each], names[each]), "="), ours);
        *place = changed[each];
    }
}

bool execute_can_set_pids(char **environment) { return !execute_value(environment, "LISTEN_PIDFDID"); }
