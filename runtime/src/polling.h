/* Waiting for several pipes at once, and sockets, which Python does by modules that are not linked in (module.c). */
#pragma once

#include <Python.h>

PyObject *polling_readable(PyObject *self, PyObject *arguments);
PyObject *polling_ready(PyObject *self, PyObject *arguments);
PyObject *polling_netlink(PyObject *self, PyObject *arguments);
