#pragma once

#include <stdbool.h>

/* Replaces builtins.__import__ with one that only looks into sys.modules; false: an exception is set. */
bool import_install(void);
