/* The sockets that are served at a path (sockets.h), and the control socket (control.h), for Python (module.c). */
#pragma once

#include <Python.h>

PyObject *serving_listening(PyObject *self, PyObject *arguments);
PyObject *serving_connected(PyObject *self, PyObject *arguments);
PyObject *serving_accepted(PyObject *self, PyObject *arguments);
PyObject *serving_control(PyObject *self, PyObject *none);
