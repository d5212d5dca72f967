/* What PID 1 does after Python has failed: send the first signal of each action, and reap. */
#pragma once

#include "table.h"

_Noreturn void fallback(const struct table *table, const char *why);
