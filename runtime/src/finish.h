/* The end of the container in C, where the engine would end it with the same lines and the same exit code. */
#pragma once

#include "table.h"
#include "watch.h"

/* The first child has exited: end with its code if no process is left. Returns if the engine must see the exit. */
void finish(const struct table *table, const struct event *exited);
