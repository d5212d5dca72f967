/* Sockets that tell who has sent a message, which Python does by a module that is not linked in (module.c). */
#pragma once

#include <Python.h>

PyObject *datagrams_opened(PyObject *self, PyObject *none);
PyObject *datagrams_taken(PyObject *self, PyObject *arguments);
