/* The class statement of the reduced Python.
 *
 * For each new class, type() looks for the methods of some 90 operators, in the class and all its bases. A class that
 * defines none has those of its base, and PyType_FromSpecWithBases() copies them, in a fifth of the time. Nearly all
 * classes of the engine are such: records, with fields only. This calls no __init_subclass__ and no __set_name__:
 * nothing in the engine has them. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "build_class.h"

/* Python's own __build_class__. */
static PyObject *build_class_any;

/* Whether the body defines no name with two underscores, but for those that every class has. */
static bool build_class_is_plain(PyObject *names) {
    static const char *const own[] = {"__module__", "__qualname__", "__annotations__"};
    PyObject *name, *value;
    for (Py_ssize_t at = 0; PyDict_Next(names, &at, &name, &value);) {
        size_t each = 0;
        if (PyUnicode_READ_CHAR(name, 0) != '_' || PyUnicode_READ_CHAR(name, 1) != '_')
            continue;
        while (each < sizeof own / sizeof *own && PyUnicode_CompareWithASCIIString(name, own[each]))
            each++;
        if (each == sizeof own / sizeof *own)
            return false;
    }
    return true;
}

static PyObject *build_class_plain(PyObject *title, PyObject *bases, PyObject *names) {
    PyType_Slot none = {0, NULL};
    PyTypeObject *base = (PyTypeObject *)PyTuple_GET_ITEM(bases, 0);
    unsigned long flags = Py_TPFLAGS_DEFAULT | Py_TPFLAGS_BASETYPE | (base->tp_flags & Py_TPFLAGS_MANAGED_DICT);
    PyObject *module = PyDict_GetItemString(names, "__module__"), *made = NULL, *name, *value;
    PyObject *full = module ? PyUnicode_FromFormat("%U.%U", module, title) : NULL;
    PyType_Spec spec = {.name = full ? PyUnicode_AsUTF8(full) : NULL, .flags = (unsigned int)flags, .slots = &none};
    if (spec.name)
        made = PyType_FromSpecWithBases(&spec, bases);
    for (Py_ssize_t at = 0; made && PyDict_Next(names, &at, &name, &value);)
        if (PyObject_SetAttr(made, name, value))
            Py_CLEAR(made);
    Py_XDECREF(full);
    return made;
}

/* __build_class__(body, name, *bases, **keywords). */
static PyObject *build_class(PyObject *self, PyObject *const *given, Py_ssize_t count, PyObject *keywords) {
    (void)self;
    if (keywords || count != 3 || !PyFunction_Check(given[0]) || PyFunction_GetClosure(given[0]) ||
        !PyType_CheckExact(given[2]) || !PyType_HasFeature((PyTypeObject *)given[2], Py_TPFLAGS_HEAPTYPE))
        return PyObject_Vectorcall(build_class_any, given, (size_t)count, keywords);
    PyObject *names = PyDict_New(), *bases = PyTuple_Pack(1, given[2]), *cell = NULL, *made = NULL;
    if (names && bases)
        cell = PyEval_EvalCode(PyFunction_GetCode(given[0]), PyFunction_GetGlobals(given[0]), names);
    if (cell && build_class_is_plain(names))
        made = build_class_plain(given[1], bases, names);
    else if (cell)
        made = PyObject_CallFunctionObjArgs((PyObject *)&PyType_Type, given[1], bases, names, NULL);
    Py_XDECREF(names), Py_XDECREF(bases), Py_XDECREF(cell);
    return made;
}

static PyMethodDef build_class_method = {"__build_class__", _PyCFunction_CAST(build_class),
                                         METH_FASTCALL | METH_KEYWORDS, NULL};

bool build_class_install(void) {
    PyObject *names = PyEval_GetBuiltins(), *made = PyCFunction_New(&build_class_method, NULL);
    build_class_any = Py_XNewRef(PyDict_GetItemString(names, build_class_method.ml_name));
    return made && build_class_any && !PyDict_SetItemString(names, build_class_method.ml_name, made);
}
