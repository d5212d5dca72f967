/* The table that the engine fills while it is up. It holds for the engine's present state. */
#pragma once

#include "lines.h"
#include "table.h"

/* Forget every entry, and the pids in watch.owned: the engine's state has changed. */
void refill_forget(void);

/* Put an entry into the table, with a copy of its lines; false: there is no room for it. */
bool refill_remember(int sender, int number, struct entry entry, const char *text, size_t size);
