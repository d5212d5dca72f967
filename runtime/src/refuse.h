/* The end where nothing can be run. */
#pragma once

/* Say why after "NAME: cannot run: ", and end with 126. */
_Noreturn void refuse(const char *name, const char *why);
