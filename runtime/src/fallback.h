/* What is left where Python can't be brought up: the first signal of each action, and reaping. */
#pragma once

#include "table.h"

_Noreturn void fallback(const struct table *table, const char *why);
