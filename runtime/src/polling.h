/* Waiting for several pipes at once, which Python does by a module that is not linked in (module.c). */
#pragma once

#include <Python.h>

PyObject *polling_readable(PyObject *self, PyObject *arguments);
