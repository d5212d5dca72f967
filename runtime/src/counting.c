#define PY_SSIZE_T_CLEAN
#include "counting.h"
#include "counted.h"

/* The answers that were counted: sender, signal and number of each, as a list. */
static PyObject *answers(void) {
    PyObject *list = PyList_New(0);
    for (int sender = 0; list && sender < SENDERS; sender++)
        for (int number = 0; list && number <= SIGNALS; number++) {
            unsigned long long count = counted.answers[sender][number];
            PyObject *entry = count ? Py_BuildValue("iiK", sender, number, count) : NULL;
            if (count && (!entry || PyList_Append(list, entry)))
                Py_CLEAR(list);
            Py_XDECREF(entry);
        }
    return list;
}

/* counted(): how many processes were reaped, and the answers, since the last call. */
PyObject *counting_counted(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    PyObject *list = answers();
    PyObject *both = list ? Py_BuildValue("KN", (unsigned long long)counted.reaped, list) : NULL;
    if (both)
        counted = (struct counted){0};
    return both;
}
