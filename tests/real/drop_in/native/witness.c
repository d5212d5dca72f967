/* witness exit CODE | die SIGNAL | record @NAME ROLE: the child.
 *
 * As a recorder it tells what it finds before it has touched anything, then each signal that it gets, and does what the
 * test says: exit CODE, die SIGNAL, state, here (an answer once everything pending has been told), kill SIGNAL (its
 * parent), default and ignore (no signal is blocked any more, and each has that disposition), and fork ROLE KIND, where
 * the kinds are "group", "own-group", "session", and those three after "orphan-". */

#include "wire.h"
#include <dirent.h>
#include <poll.h>
#include <sys/signalfd.h>

extern char **environ;
static char found[65536];

static void note(const char *format, ...) {
    size_t length = strlen(found);
    va_list words;
    va_start(words, format);
    vsnprintf(found + length, sizeof found - length, format, words);
    va_end(words);
}

/* The lines that proc_pid_status(5) has on signals. */
static void note_masks(void) {
    char line[256];
    FILE *file = fopen("/proc/self/status", "re");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, "Sig", 3) || !strncmp(line, "ShdPnd", 6))
            note("%.6s %llx\n", line, strtoull(strchr(line, ':') + 1, NULL, 16));
    if (file)
        fclose(file);
}

static void note_descriptors(void) {
    DIR *folder = opendir("/proc/self/fd");
    note("descriptors");
    for (struct dirent *entry; folder && (entry = readdir(folder));)
        if (*entry->d_name != '.' && atoi(entry->d_name) != dirfd(folder))
            note(" %s", entry->d_name);
    note("\n");
    if (folder)
        closedir(folder);
}

/* The controlling terminal and its foreground group, as proc_pid_stat(5) has them. */
static void note_terminal(void) {
    char text[1024] = "";
    int file = open("/proc/self/stat", O_RDONLY | O_CLOEXEC), terminal = 0, owner = 0;
    if (file >= 0 && read(file, text, sizeof text - 1) > 0)
        sscanf(strrchr(text, ')'), ") %*c %*d %*d %*d %d %d", &terminal, &owner);
    close(file);
    note("terminal %s\nforeground %d\n", terminal ? "yes" : "no", owner);
    pid_t group = tcgetpgrp(0);
    if (group < 0)
        note("stdin-foreground %s\n", strerrorname_np(errno));
    else
        note("stdin-foreground %d\n", group);
}

static void note_relations(void) {
    pid_t parent = getppid();
    note("pid %d\nparent %d\nparents-group %d\nparents-session %d\n", getpid(), parent, getpgid(parent),
         getsid(parent));
    note("group %d\nsession %d\n", getpgrp(), getsid(0));
}

static void note_everything(char **words) {
    note_relations();
    note_masks();
    note_descriptors();
    note_terminal();
    char folder[4096];
    note("cwd %s\n", getcwd(folder, sizeof folder) ? folder : "?");
    mode_t before = umask(0);
    umask(before);
    int death = 0, adopts = 0;
    prctl(PR_GET_PDEATHSIG, &death);
    prctl(PR_GET_CHILD_SUBREAPER, &adopts);
    struct rlimit files;
    getrlimit(RLIMIT_NOFILE, &files);
    note("umask %o\nparent-death-signal %d\nsubreaper %d\nfiles %llu\n", before, death, adopts,
         (unsigned long long)files.rlim_cur);
    note("words");
    for (; *words; words++)
        note(" %s", *words);
    note("\nenvironment");
    for (char **each = environ; *each; each++)
        note(" %s", *each);
    note("\n");
}

static void die(int number) {
    struct rlimit none = {0, 0};
    setrlimit(RLIMIT_CORE, &none);
    act(number, SIG_DFL);
    mask(SIG_UNBLOCK, 1ull << (number - 1));
    syscall(SYS_kill, getpid(), number);
    _exit(99);
}

static int pending; /* a signalfd of every signal */

static int open_pending(void) {
    uint64_t all = ~0ull;
    return (int)syscall(SYS_signalfd4, -1, &all, sizeof all, SFD_CLOEXEC | SFD_NONBLOCK);
}

/* Tell every signal that is pending. The end of a child of its own is none that anybody has sent. */
static void tell(int line) {
    struct signalfd_siginfo got;
    while (read(pending, &got, sizeof got) == sizeof got)
        if (got.ssi_signo == SIGCHLD && got.ssi_code > 0)
            while (waitpid(-1, NULL, WNOHANG) > 0)
                ;
        else
            say(line, "got %u %u", got.ssi_signo, got.ssi_pid);
}

static void record(int line);

static void be(const char *address, const char *role, const char *kind, int line) {
    close(line);
    close(pending);
    pid_t before = getppid();
    int orphan = !strncmp(kind, "orphan-", 7);
    if (orphan) {
        before = getpid();
        if (fork())
            _exit(0);
        while (getppid() == before)
            usleep(1000);
        kind += 7;
    }
    if (!strcmp(kind, "own-group"))
        setpgid(0, 0);
    else if (!strcmp(kind, "session"))
        setsid();
    line = dial(address);
    found[0] = 0;
    note_relations();
    say(line, "%s %d", role, getpid());
    say(line, "%s", found);
    pending = open_pending();
    record(line);
}

static const char *address;

static void obey(int line, char *order) {
    char role[64], kind[64];
    int number;
    if (sscanf(order, "exit %d", &number) == 1)
        _exit(number);
    if (sscanf(order, "die %d", &number) == 1)
        die(number);
    if (sscanf(order, "fork %63s %63s", role, kind) == 2) {
        pid_t pid = fork();
        if (!pid)
            be(address, role, kind, line);
        if (!strncmp(kind, "orphan-", 7))
            waitpid(pid, NULL, 0);
    }
    if (!strcmp(order, "state")) {
        found[0] = 0;
        note_relations();
        note_terminal();
        say(line, "%s", found);
        return;
    }
    if (sscanf(order, "kill %d", &number) == 1)
        kill(getppid(), number);
    if (!strcmp(order, "default") || !strcmp(order, "ignore")) {
        for (number = 1; number <= LAST; number++)
            act(number, *order == 'd' ? SIG_DFL : SIG_IGN);
        mask(SIG_SETMASK, 0);
    }
    say(line, "here");
}

static void record(int line) {
    struct pollfd both[] = {{.fd = pending, .events = POLLIN}, {.fd = line, .events = POLLIN}};
    for (;;) {
        poll(both, 2, -1);
        tell(line);
        if (!both[1].revents)
            continue;
        char order[256];
        ssize_t length = recv(line, order, sizeof order - 1, 0);
        if (length <= 0)
            _exit(0); /* the test is gone */
        order[length] = 0;
        tell(line);
        obey(line, order);
    }
}

int main(int count, char **words) {
    if (count == 3 && !strcmp(words[1], "exit"))
        _exit(atoi(words[2]));
    if (count == 3 && !strcmp(words[1], "die"))
        die(atoi(words[2]));
    if (count < 4 || strcmp(words[1], "record"))
        errx(64, "usage: witness exit CODE | die SIGNAL | record @NAME ROLE");
    note_everything(words + 4);
    mask(SIG_SETMASK, ~0ull);
    pending = open_pending();
    address = words[2];
    int line = dial(address);
    say(line, "%s %d", words[3], getpid());
    send(line, found, strlen(found), MSG_NOSIGNAL);
    record(line);
}
