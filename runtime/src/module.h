/* The module sigroute.pid1.watch.core: what Python calls of the watch. */
#pragma once

#include <Python.h>

PyObject *module_init(void);
