/* What would load the C library's shared objects, which no image need have (getgrouplist(3) reads nsswitch.conf(5)).
 *
 * The linker gives these to whoever calls the C library's (runtime/flags.py, WRAPPED; ld(1), --wrap). */

#include <errno.h>
#include <stddef.h>
#include <sys/types.h>

void *__wrap_dlopen(const char *name, int flags);
int __wrap_getgrouplist(const char *user, gid_t group, gid_t *groups, int *count);
int __wrap_initgroups(const char *user, gid_t group);

void *__wrap_dlopen(const char *name, int flags) {
    (void)name, (void)flags;
    return NULL;
}

int __wrap_getgrouplist(const char *user, gid_t group, gid_t *groups, int *count) {
    (void)user, (void)group, (void)groups, (void)count;
    errno = ENOSYS;
    return -1;
}

int __wrap_initgroups(const char *user, gid_t group) {
    (void)user, (void)group;
    errno = ENOSYS;
    return -1;
}

/* The folders of shared objects: none is ever loaded. */
void __wrap__dl_init_paths(const char *path, const char *source, const char *prefix, const char *mask);
void __wrap__dl_init_paths(const char *path, const char *source, const char *prefix, const char *mask) {
    (void)path, (void)source, (void)prefix, (void)mask;
}

/* Where this executable is, by /proc/self/exe, for $ORIGIN in their names: unknown. */
const char *__wrap__dl_get_origin(void);
const char *__wrap__dl_get_origin(void) { return (const char *)-1; }
