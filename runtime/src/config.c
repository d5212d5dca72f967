/* The modules that this Python makes at its start (python.c makes the others), and the frozen ones: there are none.
 *
 * It takes the place of Python's own Modules/config.c, Python/frozen.c and Python/deepfreeze/deepfreeze.c, which are
 * left out of the library (runtime/flags.py, LEFT_OUT): they would bring in modules that nothing here uses. */

#include <Python.h>

/* The static sigroute has more (runtime/standalone/contents.py). */
#ifndef MORE_MODULES
#define MORE_MODULES(each)
#endif

#define DECLARE(name) extern PyObject *PyInit_##name(void);
MORE_MODULES(DECLARE)
extern PyObject *_PyWarnings_Init(void);

#define ENTRY(name) {#name, PyInit_##name},
struct _inittab _PyImport_Inittab[] = {
    {"builtins", NULL}, {"sys", NULL}, {"_warnings", _PyWarnings_Init}, MORE_MODULES(ENTRY) {NULL, NULL},
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
