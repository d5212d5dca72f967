#define PY_SSIZE_T_CLEAN
#include "telling.h"
#include "log.h"

static bool as_line(PyObject *bytes, struct line *line) {
    char *text;
    Py_ssize_t length;
    if (PyBytes_AsStringAndSize(bytes, &text, &length))
        return false;
    *line = (struct line){text, (size_t)length};
    return true;
}

/* The most lines that are told in one go. One step of the engine tells more only where it stops many children. */
#define MOST_LINES 64

static int as_lines(PyObject *list, Py_ssize_t first, struct line *lines) {
    int count = 0;
    for (; count < MOST_LINES && first + count < PyList_GET_SIZE(list); count++)
        if (!as_line(PyList_GET_ITEM(list, first + count), &lines[count]))
            return -1;
    return count;
}

/* tell(lines, before, after): see log.h. The last two are the bytes around the number of "the same again", or None. */
PyObject *telling_tell(PyObject *self, PyObject *arguments) {
    (void)self;
    PyObject *list, *before, *after;
    struct line told[MOST_LINES];
    struct numbered again;
    if (!PyArg_ParseTuple(arguments, "O!OO", &PyList_Type, &list, &before, &after) ||
        (before != Py_None && (!as_line(before, &again.before) || !as_line(after, &again.after))))
        return NULL;
    int count = 0;
    for (Py_ssize_t first = 0; first < PyList_GET_SIZE(list); first += count) {
        count = as_lines(list, first, told);
        if (count < 0)
            return NULL;
        log_tell(told, count, before == Py_None ? NULL : &again);
    }
    Py_RETURN_NONE;
}

/* needs_again(lines): whether tell() may need `before` and `after` for these now. */
PyObject *telling_needs_again(PyObject *self, PyObject *list) {
    (void)self;
    struct line told[MOST_LINES];
    int count = PyList_GET_SIZE(list) > MOST_LINES ? 0 : as_lines(list, 0, told);
    if (count < 0)
        return NULL;
    return PyBool_FromLong(!count || log_needs_again(told, count));
}

PyObject *telling_silent(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    return PyBool_FromLong(log_silent());
}
