#define PY_SSIZE_T_CLEAN
#include "polling.h"

#include <errno.h>
#include <poll.h>
#include <sys/socket.h>

static PyObject *readable(PyObject *fds, struct pollfd *asked, int wait) {
    Py_ssize_t count = PySequence_Fast_GET_SIZE(fds);
    for (Py_ssize_t each = 0; each < count; each++) {
        asked[each] = (struct pollfd){.fd = (int)PyLong_AsLong(PySequence_Fast_GET_ITEM(fds, each)), .events = POLLIN};
        if (PyErr_Occurred())
            return NULL;
    }
    int found;
    while ((found = poll(asked, (nfds_t)count, wait)) < 0 && errno == EINTR)
        ;
    if (found < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    PyObject *result = PyList_New(0);
    for (Py_ssize_t each = 0; result && each < count; each++)
        if (asked[each].revents && PyList_Append(result, PySequence_Fast_GET_ITEM(fds, each)))
            Py_CLEAR(result);
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
    if (!fds)
        return NULL;
    struct pollfd *asked = PyMem_New(struct pollfd, PySequence_Fast_GET_SIZE(fds) + 1);
    PyObject *result = asked ? readable(fds, asked, wait) : PyErr_NoMemory();
    PyMem_Free(asked);
    Py_DECREF(fds);
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
