#define PY_SSIZE_T_CLEAN
#include "polling.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <sys/socket.h>

/* Ask for these events of these descriptors. */
static bool ask(struct pollfd *asked, PyObject *fds, short events) {
    for (Py_ssize_t each = 0; each < PySequence_Fast_GET_SIZE(fds); each++)
        asked[each] = (struct pollfd){.fd = (int)PyLong_AsLong(PySequence_Fast_GET_ITEM(fds, each)), .events = events};
    return !PyErr_Occurred();
}

/* Those of these descriptors that have what was asked for, or whose other end is closed. */
static PyObject *found(const struct pollfd *asked, PyObject *fds) {
    PyObject *result = PyList_New(0);
    for (Py_ssize_t each = 0; result && each < PySequence_Fast_GET_SIZE(fds); each++)
        if (asked[each].revents && PyList_Append(result, PySequence_Fast_GET_ITEM(fds, each)))
            Py_CLEAR(result);
    return result;
}

static bool has_polled(struct pollfd *asked, Py_ssize_t count, int wait) {
    int number;
    while ((number = poll(asked, (nfds_t)count, wait)) < 0 && errno == EINTR)
        ;
    return number >= 0 || PyErr_SetFromErrno(PyExc_OSError);
}

/* A pair of lists. `writers` may be NULL: then one list. */
static PyObject *ready(PyObject *readers, PyObject *writers, int wait) {
    Py_ssize_t reads = PySequence_Fast_GET_SIZE(readers), writes = writers ? PySequence_Fast_GET_SIZE(writers) : 0;
    struct pollfd *asked = PyMem_New(struct pollfd, reads + writes + 1);
    if (!asked)
        return PyErr_NoMemory();
    PyObject *result = NULL;
    if (ask(asked, readers, POLLIN) && (!writers || ask(asked + reads, writers, POLLOUT)) &&
        has_polled(asked, reads + writes, wait))
        result = writers ? Py_BuildValue("NN", found(asked, readers), found(asked + reads, writers))
                         : found(asked, readers);
    PyMem_Free(asked);
    return result;
}

/* readable(fds, wait): poll(2) for POLLIN; those that have it, or whose other end is closed. */
PyObject *polling_readable(PyObject *self, PyObject *arguments) {
    (void)self;
    PyObject *given;
    int wait;
    if (!PyArg_ParseTuple(arguments, "Oi", &given, &wait))
        return NULL;
    PyObject *fds = PySequence_Fast(given, "descriptors are expected");
    PyObject *result = fds ? ready(fds, NULL, wait) : NULL;
    Py_XDECREF(fds);
    return result;
}

/* poll(readers, writers, wait): those of the first that can be read, and those of the others that can be written to;
 * those whose other end is closed, too. */
PyObject *polling_ready(PyObject *self, PyObject *arguments) {
    (void)self;
    PyObject *readers, *writers;
    int wait;
    if (!PyArg_ParseTuple(arguments, "OOi", &readers, &writers, &wait))
        return NULL;
    readers = PySequence_Fast(readers, "descriptors are expected");
    writers = readers ? PySequence_Fast(writers, "descriptors are expected") : NULL;
    PyObject *result = writers ? ready(readers, writers, wait) : NULL;
    Py_XDECREF(readers);
    Py_XDECREF(writers);
    return result;
}

/* netlink(protocol): a socket of netlink(7) that never blocks. */
PyObject *polling_netlink(PyObject *self, PyObject *arguments) {
    (void)self;
    int protocol;
    if (!PyArg_ParseTuple(arguments, "i", &protocol))
        return NULL;
    int fd = socket(AF_NETLINK, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, protocol);
    return fd < 0 ? PyErr_SetFromErrno(PyExc_OSError) : PyLong_FromLong(fd);
}
