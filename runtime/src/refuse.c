/* What reads files of the image (nsswitch.conf(5), utmp(5)), or loads the C library's shared objects. Nothing here calls
 * it, but Python's modules have functions that would; they fail with ENOSYS.
 *
 * The linker gives these to whoever calls the C library's (runtime/flags.py, WRAPPED; ld(1), --wrap). So the C library's
 * own are not even in the executable. */

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>

struct termios;
struct winsize;

void *__wrap_dlopen(const char *name, int flags);
int __wrap_forkpty(int *leader, char *name, const struct termios *attributes, const struct winsize *size);
int __wrap_getgrouplist(const char *user, gid_t group, gid_t *groups, int *count);
char *__wrap_getlogin(void);
int __wrap_initgroups(const char *user, gid_t group);
int __wrap_openpty(int *leader, int *other, char *name, const struct termios *attributes, const struct winsize *size);
void __wrap__dl_init_paths(const char *path, const char *source, const char *prefix, const char *mask);
const char *__wrap__dl_get_origin(void);

static int refuse(void) {
    errno = ENOSYS;
    return -1;
}

void *__wrap_dlopen(const char *name, int flags) {
    (void)name, (void)flags;
    return NULL;
}

int __wrap_forkpty(int *leader, char *name, const struct termios *attributes, const struct winsize *size) {
    (void)leader, (void)name, (void)attributes, (void)size;
    return refuse();
}

int __wrap_getgrouplist(const char *user, gid_t group, gid_t *groups, int *count) {
    (void)user, (void)group, (void)groups, (void)count;
    return refuse();
}

char *__wrap_getlogin(void) {
    refuse();
    return NULL;
}

int __wrap_initgroups(const char *user, gid_t group) {
    (void)user, (void)group;
    return refuse();
}

int __wrap_openpty(int *leader, int *other, char *name, const struct termios *attributes, const struct winsize *size) {
    (void)leader, (void)other, (void)name, (void)attributes, (void)size;
    return refuse();
}

/* The folders of shared objects, at the C library's start: none is ever loaded. */
void __wrap__dl_init_paths(const char *path, const char *source, const char *prefix, const char *mask) {
    (void)path, (void)source, (void)prefix, (void)mask;
}

/* Where this executable is, by /proc/self/exe, for $ORIGIN in the names of those folders: unknown. */
const char *__wrap__dl_get_origin(void) { return (const char *)-1; }
