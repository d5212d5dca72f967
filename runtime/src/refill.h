/* The table that the engine fills while it is up: for the state that it is in. */
#pragma once

#include "lines.h"
#include "table.h"

/* Forget every entry, and whose exits are the engine's: the state has changed. */
void refill_forget(void);

/* Remember an entry with its lines, the watch's from now on; false: there is no room for it. */
bool refill_remember(int sender, int number, struct entry entry, const char *text, size_t size);
