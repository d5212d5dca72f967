#define PY_SSIZE_T_CLEAN
#include "attributes.h"

#include <stdbool.h>
#include <sys/prctl.h>
#include <sys/resource.h>

/* prctl(option, value): prctl(2); whether that worked. */
PyObject *attributes_prctl(PyObject *self, PyObject *arguments) {
    (void)self;
    int option;
    unsigned long value;
    if (!PyArg_ParseTuple(arguments, "ik", &option, &value))
        return NULL;
    return PyBool_FromLong(!prctl(option, value, 0, 0, 0));
}

PyObject *attributes_is_subreaper(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    int found = 0;
    return PyBool_FromLong(!prctl(PR_GET_CHILD_SUBREAPER, &found, 0, 0, 0) && found);
}

/* set_limit(number, soft, hard): setrlimit(2); -1 is RLIM_INFINITY. */
PyObject *attributes_set_limit(PyObject *self, PyObject *arguments) {
    (void)self;
    int number;
    long long soft, hard;
    if (!PyArg_ParseTuple(arguments, "iLL", &number, &soft, &hard))
        return NULL;
    struct rlimit limit = {(rlim_t)soft, (rlim_t)hard};
    if (setrlimit(number, &limit))
        return PyErr_SetFromErrno(PyExc_OSError);
    Py_RETURN_NONE;
}
