/* A reduced Python: no importlib, no encodings, nothing from the file system. The modules come from the payload.
 *
 * _init_main and _install_importlib are private members of PyConfig (Include/cpython/initconfig.h, CPython 3.11), which
 * another version may change. */
#define PY_SSIZE_T_CLEAN
#include <Python.h>

#include "build_class.h"
#include "import.h"
#include "module.h"
#include "payload.h"
#include "posix.h"
#include "python.h"

#include <marshal.h>

struct handed handed;

extern char **environ;

extern PyObject *PyInit__imp(void), *PyInit__signal(void), *PyInit_fcntl(void), *PyInit_gc(void);
extern PyObject *PyInit_time(void), *PyMarshal_Init(void);

/* Sets the values that signal.signal() compares with. Python calls it in the part of its start that is left out. */
extern int _PySignal_Init(int install_handlers);

static const struct {
    const char *name;
    PyObject *(*init)(void);
} built_in[] = {
    {"posix", posix_init}, {"_signal", PyInit__signal}, {"time", PyInit_time},      {"fcntl", PyInit_fcntl},
    {"gc", PyInit_gc},     {"_imp", PyInit__imp},       {"marshal", PyMarshal_Init},
    {"sigroute.pid1.watch.core", module_init},
};

static bool start(void) {
    PyPreConfig early;
    PyPreConfig_InitIsolatedConfig(&early);
    early.utf8_mode = 1; /* so every byte of a name survives, whatever the locale */
    early.configure_locale = early.coerce_c_locale = 0;
    /* 60 kB less than Python's own arenas, which the command line takes, as they are faster. */
    early.allocator = handed.part ? PYMEM_ALLOCATOR_PYMALLOC : PYMEM_ALLOCATOR_MALLOC;
    if (PyStatus_Exception(Py_PreInitialize(&early)))
        return false;
    PyConfig config;
    PyConfig_InitIsolatedConfig(&config);
    config.site_import = config.install_signal_handlers = config.write_bytecode = config.parse_argv = 0;
    config.pathconfig_warnings = 0;
    config.use_hash_seed = 1, config.hash_seed = 0;
    config.module_search_paths_set = 1; /* nothing is looked for in the file system */
    config._init_main = config._install_importlib = 0;
    return !PyStatus_Exception(Py_InitializeFromConfig(&config));
}

/* Make a built-in module without importlib, in the two phases of PEP 489. */
static bool add(const char *name, PyObject *(*init)(void), PyObject *spec) {
    PyObject *title = PyUnicode_FromString(name);
    if (!title || PyObject_SetAttrString(spec, "name", title))
        return false;
    PyObject *made = init();
    if (made && PyObject_TypeCheck(made, &PyModuleDef_Type)) {
        PyModuleDef *definition = (PyModuleDef *)made;
        made = PyModule_FromDefAndSpec(definition, spec);
        if (made && PyModule_ExecDef(made, definition))
            return false;
    }
    return made && !PyDict_SetItem(PyImport_GetModuleDict(), title, made);
}

static bool add_modules(void) {
    /* An empty one: the registry of codecs imports it at its first use (Python/codecs.c). UTF-8 needs none. */
    PyObject *encodings = PyImport_AddModule("encodings"), *spec = PyModule_New("spec");
    if (!encodings || !spec || _PySignal_Init(0))
        return false;
    /* For the engine: the command line has importlib. */
    if (!handed.part && !(import_install() && build_class_install()))
        return false;
    for (size_t each = 0; each < sizeof built_in / sizeof *built_in; each++)
        if (!add(built_in[each].name, built_in[each].init, spec))
            return false;
    return true;
}

/* Run the code of a part, which ends only by an exception; return that, as repr() shows it. */
static const char *run(const char *name) {
    static char shown[160];
    struct part part;
    if (!payload_part(name, &part))
        return "it has no engine";
    PyObject *code = PyMarshal_ReadObjectFromString((const char *)part.data, (Py_ssize_t)part.size);
    PyObject *names = PyDict_New();
    if (code && names && !PyDict_SetItemString(names, "__builtins__", PyEval_GetBuiltins()))
        PyEval_EvalCode(code, names, names);
    PyObject *kind, *value, *trace, *text;
    PyErr_Fetch(&kind, &value, &trace);
    PyErr_NormalizeException(&kind, &value, &trace);
    text = value ? PyObject_Repr(value) : NULL;
    const char *bytes = text ? PyUnicode_AsUTF8(text) : NULL;
    return bytes ? strncpy(shown, bytes, sizeof shown - 1) : "Python has failed, and cannot say why";
}

const char *python_run(void) {
    environ = handed.environment;
    if (!start())
        return "Python cannot be started";
    if (!add_modules())
        return "Python has no modules";
    return run(handed.part ? handed.part : "engine");
}
