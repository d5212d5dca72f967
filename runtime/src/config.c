/* The modules that this Python has, all built in, and the frozen ones, of which it has none.
 *
 * It takes the place of Python's own Modules/config.c, Python/frozen.c and Python/deepfreeze/deepfreeze.c, which are
 * left out of the library (runtime/flags.py, LEFT_OUT): they would bring in modules that nothing here uses. */

#include <Python.h>

extern PyObject *PyInit__imp(void), *PyInit_fcntl(void), *PyInit_gc(void), *PyInit_posix(void), *PyInit_time(void);
extern PyObject *PyMarshal_Init(void);

struct _inittab _PyImport_Inittab[] = {
    {"_imp", PyInit__imp},       {"builtins", NULL},
    {"fcntl", PyInit_fcntl},     {"gc", PyInit_gc},
    {"marshal", PyMarshal_Init}, {"posix", PyInit_posix},
    {"sys", NULL},               {"time", PyInit_time},
    {NULL, NULL},
};

static const struct _frozen none[] = {{0}};
extern const struct _frozen *_PyImport_FrozenBootstrap, *_PyImport_FrozenStdlib, *_PyImport_FrozenTest;
const struct _frozen *_PyImport_FrozenBootstrap = none, *_PyImport_FrozenStdlib = none, *_PyImport_FrozenTest = none;
const struct _frozen *PyImport_FrozenModules = none;

extern const void *const _PyImport_FrozenAliases[];
const void *const _PyImport_FrozenAliases[] = {NULL, NULL};

extern int _Py_Deepfreeze_Init(void);
int _Py_Deepfreeze_Init(void) { return 0; }

extern void _Py_Deepfreeze_Fini(void);
void _Py_Deepfreeze_Fini(void) {}
