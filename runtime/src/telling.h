/* The log's last stage (log.h), for the lines that Python has made (module.c). */
#pragma once

#include <Python.h>

PyObject *telling_tell(PyObject *self, PyObject *arguments);
PyObject *telling_needs_again(PyObject *self, PyObject *list);
PyObject *telling_silent(PyObject *self, PyObject *none);
