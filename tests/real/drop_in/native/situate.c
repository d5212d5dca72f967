/* situate SETTING=VALUE... -- INIT ARGUMENTS...: execute an init in exactly this situation, and say what becomes of it.
 *
 *   at=@NAME             whom to tell
 *   as=pid1|under|middle PID 1 of a PID namespace, the child of one, or its grandchild
 *   session=leader|member|outside  of its session; "outside": as PID 1, of one that begins outside
 *   control=PATH         the session's controlling terminal; with foreground=init the init's group has it
 *   group=own|same       where it does not lead a session: whether it leads its process group
 *   stdin=PATH|closed    open=3,7  cwd=PATH  listen=own (LISTEN_PID)  ignore=MASK  block=MASK (hexadecimal)
 *   elder=yes            it has a child already, which ends when it is told something
 *   each=FIRST-LAST      once for each number, which stands in for {} in the arguments
 *
 * Everything is in a namespace of its own, with its own /proc, and ends with this process. */

#include "wire.h"
#include <sys/mount.h>

static const char *address, *as = "under", *session = "leader", *group = "own", *control, *foreground = "init";
static const char *input = "/dev/null", *extra, *cwd = "/", *listen_for, *elder, *each;
static uint64_t ignored, blocked;
static char **command;

static int is(const char *setting, const char *value) { return setting && !strcmp(setting, value); }

static void set(const char *word) {
    struct {
        const char *name, **value;
    } names[] = {{"at=", &address},     {"as=", &as},      {"session=", &session},       {"group=", &group},
                 {"control=", &control}, {"open=", &extra}, {"foreground=", &foreground}, {"stdin=", &input},
                 {"cwd=", &cwd},         {"each=", &each},  {"listen=", &listen_for}, {"elder=", &elder}};
    for (size_t each_name = 0; each_name < sizeof names / sizeof *names; each_name++)
        if (!strncmp(word, names[each_name].name, strlen(names[each_name].name))) {
            *names[each_name].value = strchr(word, '=') + 1;
            return;
        }
    if (!strncmp(word, "ignore=", 7))
        ignored = strtoull(word + 7, NULL, 16);
    else if (!strncmp(word, "block=", 6))
        blocked = strtoull(word + 6, NULL, 16);
    else
        errx(64, "no such setting: %s", word);
}

/* Lead a session, with the controlling terminal if there is to be one (TIOCSCTTY, ioctl_tty(2)). */
static void lead(void) {
    if (setsid() < 0)
        err(92, "setsid");
    if (!control)
        return;
    int terminal = open(control, O_RDWR | O_NOCTTY | O_CLOEXEC);
    if (terminal < 0 || ioctl(terminal, TIOCSCTTY, 0))
        err(92, "%s", control);
    close(terminal);
}

static void take_the_foreground(void) {
    int terminal = open("/dev/tty", O_RDWR | O_CLOEXEC);
    if (terminal < 0 || tcsetpgrp(terminal, getpgrp()))
        err(92, "/dev/tty");
    close(terminal);
}

static void descriptors(void) {
    if (is(input, "closed"))
        close(0);
    else {
        int file = open(input, O_RDWR | O_NOCTTY);
        if (file < 0 || dup2(file, 0))
            err(92, "%s", input);
        close(file);
    }
    for (const char *next = extra; next && *next; next += strcspn(next, ","), next += *next == ',') {
        int number = atoi(next), file = open("/dev/null", O_RDWR);
        dup2(file, number);
        if (file != number)
            close(file);
    }
}

static void have_a_child(void) {
    if (fork())
        return;
    int line = dial(address);
    say(line, "elder %d", getpid());
    char order[16];
    recv(line, order, sizeof order, 0);
    _exit(3);
}

static void become(int number) {
    mask(SIG_SETMASK, ~0ull); /* tcsetpgrp(3) from the background would stop us */
    if (is(session, "leader"))
        lead();
    else if (is(group, "own") && setpgid(0, 0))
        err(92, "setpgid");
    if (control && !is(session, "leader") && is(foreground, "init"))
        take_the_foreground();
    char text[16];
    snprintf(text, sizeof text, "%d", getpid());
    if (is(listen_for, "own"))
        setenv("LISTEN_PID", text, 1);
    if (chdir(cwd))
        err(92, "%s", cwd);
    if (elder)
        have_a_child();
    descriptors();
    if (!each)
        say(dial(address), "init %d", getpid()); /* ends with the exec */
    snprintf(text, sizeof text, "%d", number);
    for (char **word = command; *word; word++)
        if (is(*word, "{}"))
            *word = text;
    for (int signal_number = 1; signal_number <= LAST; signal_number++)
        act(signal_number, ignored >> (signal_number - 1) & 1 ? SIG_IGN : SIG_DFL);
    mask(SIG_SETMASK, blocked);
    execv(command[0], command);
    err(93, "%s", command[0]);
}

/* Tell what becomes of the children, until the one waited for (if any) has ended. */
static void watch(int line, pid_t awaited, const char *name) {
    for (int status;;) {
        pid_t pid = waitpid(-1, &status, WUNTRACED);
        if (pid < 0)
            pause(); /* nothing is left; the rest is up to the test */
        else if (WIFSTOPPED(status))
            say(line, "stopped %d %d", pid, WSTOPSIG(status));
        else {
            if (!each || pid == awaited)
                say(line, "ended %s%d %s %d", name, each ? 0 : pid, WIFEXITED(status) ? "exited" : "killed",
                    WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
            if (pid == awaited)
                return;
        }
    }
}

static void space(void) {
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* nothing is left where the test is killed */
    if (mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL) ||
        mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
        err(92, "a /proc of its own");
}

static pid_t start(unsigned long flags) {
    pid_t pid = (pid_t)syscall(SYS_clone, flags | SIGCHLD, NULL, NULL, NULL, NULL);
    if (pid < 0)
        err(92, "clone");
    return pid;
}

static void over_the_range(int line, unsigned long flags) {
    int first = 0, last = 0;
    sscanf(each, "%d-%d", &first, &last);
    for (int number = first; number <= last; number++) {
        pid_t pid = start(flags);
        if (!pid) {
            if (flags)
                space();
            become(number);
        }
        char name[32];
        snprintf(name, sizeof name, "%d ", number);
        watch(line, pid, name);
    }
}

/* PID 1 of the namespace in which the init is not: its orphans come here, as a host's come to its own PID 1. */
static void ground(void) {
    space();
    int line = dial(address);
    say(line, "ground 1");
    if (!is(session, "leader"))
        lead();
    if (each) {
        over_the_range(line, 0);
        _exit(0);
    }
    if (!start(0)) {
        if (!is(as, "middle"))
            become(0);
        int middle = dial(address);
        say(middle, "middle %d", getpid());
        if (!start(0))
            become(0);
        for (;;)
            pause();
    }
    watch(line, 0, "");
}

int main(int count, char **words) {
    for (command = words + 1; command < words + count && strcmp(*command, "--"); command++)
        set(*command);
    command++;
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    for (int number = 1; number <= LAST; number++)
        act(number, SIG_DFL);
    mask(SIG_SETMASK, 0);
    umask(027); /* not the usual one: it must arrive as it is */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (!is(as, "pid1")) {
        pid_t pid = start(CLONE_NEWPID | CLONE_NEWNS);
        if (!pid)
            ground();
        waitpid(pid, NULL, 0);
        return 0;
    }
    int line = dial(address);
    say(line, "ground 0");
    if (is(session, "member"))
        lead();
    if (each) {
        over_the_range(line, CLONE_NEWPID | CLONE_NEWNS);
        return 0;
    }
    pid_t pid = start(CLONE_NEWPID | CLONE_NEWNS);
    if (!pid) {
        space();
        become(0);
    }
    watch(line, pid, "");
    return 0;
}
