#define PY_SSIZE_T_CLEAN
#include "datagrams.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* The kernel chooses an address (unix(7), "Autobind feature"). */
static bool is_bound(int fd, struct sockaddr_un *address, socklen_t *size) {
    int yes = 1;
    sa_family_t family = AF_UNIX;
    return !setsockopt(fd, SOL_SOCKET, SO_PASSCRED, &yes, sizeof yes) &&
           !bind(fd, (struct sockaddr *)&family, sizeof family) && !getsockname(fd, (struct sockaddr *)address, size);
}

/* datagram_opened(): a socket for messages; its descriptor and its address. */
PyObject *datagrams_opened(PyObject *self, PyObject *none) {
    (void)self, (void)none;
    struct sockaddr_un address;
    socklen_t size = sizeof address;
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    if (!is_bound(fd, &address, &size)) {
        PyErr_SetFromErrno(PyExc_OSError);
        close(fd);
        return NULL;
    }
    return Py_BuildValue("iy#", fd, address.sun_path, (Py_ssize_t)(size - offsetof(struct sockaddr_un, sun_path)));
}

/* datagram_taken(fd, most): a message, cut to so many bytes; pid and uid of its sender. The kernel closes descriptors
 * that come with it, as there is no room for them (unix(7), "SCM_RIGHTS"). */
PyObject *datagrams_taken(PyObject *self, PyObject *arguments) {
    (void)self;
    int fd;
    char data[8192];
    Py_ssize_t most;
    struct ucred sender = {0};
    union {
        struct cmsghdr head;
        char room[CMSG_SPACE(sizeof(struct ucred))];
    } beside;
    if (!PyArg_ParseTuple(arguments, "in", &fd, &most))
        return NULL;
    struct iovec part = {data, most < (Py_ssize_t)sizeof data ? (size_t)most : sizeof data};
    struct msghdr message = {
        .msg_iov = &part, .msg_iovlen = 1, .msg_control = &beside, .msg_controllen = sizeof beside};
    ssize_t size = recvmsg(fd, &message, MSG_DONTWAIT);
    if (size < 0)
        return PyErr_SetFromErrno(PyExc_OSError);
    const struct cmsghdr *head = CMSG_FIRSTHDR(&message);
    if (head && head->cmsg_level == SOL_SOCKET && head->cmsg_type == SCM_CREDENTIALS)
        memcpy(&sender, CMSG_DATA(head), sizeof sender);
    return Py_BuildValue("y#iL", data, (Py_ssize_t)size, (int)sender.pid, (long long)sender.uid);
}
