/* What the watch has counted (counted.h), for Python (module.c). */
#pragma once

#include <Python.h>

PyObject *counting_counted(PyObject *self, PyObject *none);
