#define PY_SSIZE_T_CLEAN
#include "serving.h"
#include "control.h"
#include "sockets.h"

static PyObject *as_number(int fd) { return fd < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(fd); }

/* socket_listening(path): its descriptor. */
PyObject *serving_listening(PyObject *self, PyObject *arguments) {
    (void)self;
    const char *path;
    return PyArg_ParseTuple(arguments, "y", &path) ? as_number(sockets_listening(path)) : NULL;
}

/* socket_connected(path): its descriptor. */
PyObject *serving_connected(PyObject *self, PyObject *arguments) {
    (void)self;
    const char *path;
    return PyArg_ParseTuple(arguments, "y", &path) ? as_number(sockets_connected(path)) : NULL;
}

/* socket_accepted(fd): the descriptor of a connection; pid and uid of the process that has made it. */
PyObject *serving_accepted(PyObject *self, PyObject *arguments) {
    (void)self;
    int fd;
    struct ucred by;
    if (!PyArg_ParseTuple(arguments, "i", &fd))
        return NULL;
    int taken = sockets_accepted(fd, &by);
    return taken < 0 ? as_number(taken) : Py_BuildValue("iiL", taken, (int)by.pid, (long long)by.uid);
}

/* control(): the descriptors of the control socket, and of the ends of the pipe for requests, -1 if there are none; the
 * errno for which there are none, 0 if no rule asks for them. */
PyObject *serving_control(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    return Py_BuildValue("iiii", control.listener, control.reader, control.writer, control.error);
}
