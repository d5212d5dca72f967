/* Python's posix has 300 functions and 300 numbers, and to make an object of each would take as long as the engine's
 * first step. The payload has the names that are used (sigroute/static/resident.py). */
#include "posix.h"
#include "payload.h"
#include "python.h"

#include <string.h>

/* More than are ever used. */
#define NAMES_MOST 128

extern PyObject *PyInit_posix(void);

/* The linker redirects Python's calls of PyModule_AddIntConstant() to the first (runtime/flags.py; ld(1), --wrap). */
extern int __wrap_PyModule_AddIntConstant(PyObject *module, const char *name, long value);
extern int __real_PyModule_AddIntConstant(PyObject *module, const char *name, long value);

static const PyModuleDef *posix_definition;
static struct part posix_used;

/* Each of those names has a null byte before it and after it. */
static bool posix_uses(const char *name) {
    char wanted[64] = "";
    size_t length = strlen(name) + 2;
    if (length > sizeof wanted)
        return false;
    memcpy(wanted + 1, name, length - 1);
    return memmem(posix_used.data, posix_used.size, wanted, length);
}

int __wrap_PyModule_AddIntConstant(PyObject *module, const char *name, long value) {
    bool wanted = !posix_definition || PyModule_GetDef(module) != posix_definition || posix_uses(name);
    return wanted ? __real_PyModule_AddIntConstant(module, name, value) : 0;
}

PyObject *posix_init(void) {
    static PyMethodDef used[NAMES_MOST];
    PyModuleDef *definition = (PyModuleDef *)PyInit_posix();
    if (!definition || handed.part) /* the command line uses any of them */
        return (PyObject *)definition;
    if (!payload_part("posix", &posix_used))
        return NULL;
    size_t count = 0;
    for (const PyMethodDef *each = definition->m_methods; each->ml_name; each++)
        if (posix_uses(each->ml_name)) {
            if (count == NAMES_MOST - 1)
                return NULL;
            used[count++] = *each;
        }
    definition->m_methods = used;
    posix_definition = definition;
    return (PyObject *)definition;
}
