#pragma once

#include <stdbool.h>

/* Replaces builtins.__build_class__ with one that makes plain classes faster; false: an exception is set. */
bool build_class_install(void);
