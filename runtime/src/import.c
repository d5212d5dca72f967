/* The import statement of the reduced Python: it finds a module in sys.modules, or nowhere.
 *
 * Python's own also asks of each module whether its import is under way, and whether it is a package. The answers are
 * exceptions that are formatted and dropped: a seventh of the instructions until the engine is loaded. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "import.h"

/* The module of this name, borrowed; NULL: none, or an exception is set. */
static PyObject *import_find(PyObject *name) {
    PyObject *found = PyDict_GetItemWithError(PyImport_GetModuleDict(), name);
    if (!found && !PyErr_Occurred())
        PyErr_SetObject(PyExc_ImportError, name);
    return found;
}

/* The package at the top of a dotted name: what `import a.b` binds. */
static PyObject *import_top(PyObject *name) {
    Py_ssize_t dot = PyUnicode_FindChar(name, '.', 0, PyUnicode_GET_LENGTH(name), 1);
    PyObject *top = dot < 0 ? Py_NewRef(name) : PyUnicode_Substring(name, 0, dot);
    PyObject *found = top ? import_find(top) : NULL;
    Py_XDECREF(top);
    return found;
}

/* __import__(name, globals, locals, fromlist, level); no import is a relative one. */
static PyObject *import_module(PyObject *self, PyObject *const *arguments, Py_ssize_t count) {
    (void)self;
    if (count < 1 || !PyUnicode_Check(arguments[0])) {
        PyErr_SetString(PyExc_TypeError, "no name of a module");
        return NULL;
    }
    bool names = count > 3 && arguments[3] != Py_None;
    PyObject *found = import_find(arguments[0]);
    if (found && !names)
        found = import_top(arguments[0]);
    return Py_XNewRef(found);
}

static PyMethodDef import_method = {"__import__", _PyCFunction_CAST(import_module), METH_FASTCALL, NULL};

bool import_install(void) {
    PyObject *made = PyCFunction_New(&import_method, NULL);
    return made && !PyDict_SetItemString(PyEval_GetBuiltins(), import_method.ml_name, made);
}
