/* Which signals a process handles, as far as its status file tells (proc_pid_status(5)). */
#pragma once

#include "kernel.h"

/* The signals that it catches or ignores; false: that can't be read here. */
bool masks_handled(pid_t pid, signals *found);

/* Whether the pids in /proc are those of our own pid namespace. */
bool masks_proc_is_ours(void);
