/* The ends that the C library and Python have for a process, after an error that they take for fatal. Here they give up
 * Python (guard.h), and PID 1 goes on. What they would write before that could block: nobody may read standard error.
 *
 * The linker gives these to whoever calls the other ones (runtime/flags.py, WRAPPED; ld(1), --wrap). */

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

/* The C library's last words, as of a heap that is broken. */
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

/* What Python writes before it ends, beside the ends above. */
size_t __wrap__Py_write_noraise(int file, const void *data, size_t size) {
    (void)file, (void)data;
    return size;
}
