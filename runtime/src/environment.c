/* The C library and Python see an empty environment: what is in it is for the command, whose PYTHONHOME, TZ, LOCPATH or
 * GLIBC_TUNABLES must change nothing here. sigroute's own code reads `environ`, without getenv(3).
 *
 * The linker redirects calls of the C library's functions to these (runtime/flags.py, WRAPPED; ld(1), --wrap). */

#include <stddef.h>

char *__wrap_getenv(const char *name);
char *__wrap___libc_secure_getenv(const char *name);
void __wrap___tunables_init(char **environment);

char *__wrap_getenv(const char *name) {
    (void)name;
    return NULL;
}

char *__wrap___libc_secure_getenv(const char *name) { return __wrap_getenv(name); }

/* Every tunable keeps its default (glibc, elf/dl-tunables.c). */
void __wrap___tunables_init(char **environment) { (void)environment; }
