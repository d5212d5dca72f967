/* Attributes of this process that Python sets by modules which are not linked in (module.c). */
#pragma once

#include <Python.h>

PyObject *attributes_prctl(PyObject *self, PyObject *arguments);
PyObject *attributes_is_subreaper(PyObject *self, PyObject *none);
PyObject *attributes_set_limit(PyObject *self, PyObject *arguments);
