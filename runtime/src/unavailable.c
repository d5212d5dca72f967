/* Functions that read files of the image (nsswitch.conf(5), utmp(5)), or load the C library's shared objects. sigroute
 * calls none of them. Functions of Python's modules would, and fail with ENOSYS instead.
 *
 * The linker redirects calls of the C library's functions to these (runtime/flags.py, WRAPPED; ld(1), --wrap). So the
 * originals are not linked in. */

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

static int unavailable(void) {
    errno = ENOSYS;
    return -1;
}

void *__wrap_dlopen(const char *name, int flags) {
    (void)name, (void)flags;
    return NULL;
}

int __wrap_forkpty(int *leader, char *name, const struct termios *attributes, const struct winsize *size) {
    (void)leader, (void)name, (void)attributes, (void)size;
    return unavailable();
}

int __wrap_getgrouplist(const char *user, gid_t group, gid_t *groups, int *count) {
    (void)user, (void)group, (void)groups, (void)count;
    return unavailable();
}

char *__wrap_getlogin(void) {
    unavailable();
    return NULL;
}

int __wrap_initgroups(const char *user, gid_t group) {
    (void)user, (void)group;
    return unavailable();
}

int __wrap_openpty(int *leader, int *other, char *name, const struct termios *attributes, const struct winsize *size) {
    (void)leader, (void)other, (void)name, (void)attributes, (void)size;
    return unavailable();
}

/* At its start, the C library prepares its search path for shared objects. None is ever loaded here. */
void __wrap__dl_init_paths(const char *path, const char *source, const char *prefix, const char *mask) {
    (void)path, (void)source, (void)prefix, (void)mask;
}

/* The directory of this executable, which the C library would read from /proc/self/exe, for $ORIGIN (ld.so(8)). -1
 * means that it is unknown. */
const char *__wrap__dl_get_origin(void) { return (const char *)-1; }
