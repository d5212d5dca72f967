/* The functions by which the C library and Python end a process after a fatal error. Here they abandon Python instead
 * (guard.h), and PID 1 goes on in C. They write no message: that blocks if nobody reads standard error.
 *
 * The linker redirects calls of the originals to these (runtime/flags.py, WRAPPED; ld(1), --wrap). */

#include "guard.h"
#include <stddef.h>

void __wrap_abort(void);
void __wrap_exit(int code);
void __wrap___assert_fail(const char *claim, const char *file, unsigned line, const char *function);
void __wrap___libc_fatal(const char *message);
void __wrap___libc_message(int action, const char *format, ...);
void __wrap__Py_FatalErrorFunc(const char *function, const char *message);
void __wrap__Py_FatalErrorFormat(const char *function, const char *format, ...);
size_t __wrap__Py_write_noraise(int file, const void *data, size_t size);

void __wrap_abort(void) { guard_give_up("Python has aborted"); }

void __wrap_exit(int code) {
    (void)code;
    guard_give_up("Python has exited");
}

void __wrap___assert_fail(const char *claim, const char *file, unsigned line, const char *function) {
    (void)file, (void)line, (void)function;
    guard_give_up(claim);
}

void __wrap___libc_fatal(const char *message) { guard_give_up(message); }

/* The C library's message before it aborts, for instance when the heap is corrupted. */
void __wrap___libc_message(int action, const char *format, ...) {
    (void)action;
    guard_give_up(format);
}

void __wrap__Py_FatalErrorFunc(const char *function, const char *message) {
    (void)function;
    guard_give_up(message);
}

void __wrap__Py_FatalErrorFormat(const char *function, const char *format, ...) {
    (void)function;
    guard_give_up(format);
}

/* By this Python writes what it knows of a fatal error, such as a traceback: nothing is written. */
size_t __wrap__Py_write_noraise(int file, const void *data, size_t size) {
    (void)file, (void)data;
    return size;
}
