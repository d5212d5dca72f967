#pragma once

#define PY_SSIZE_T_CLEAN
#include <Python.h>

/* Python's module posix, but of its functions and numbers only those that the engine's modules use;
 * the command line has all of it. */
PyObject *posix_init(void);
