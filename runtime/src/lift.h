/* Descriptors of our own that are none of the standard ones. */
#pragma once

#include <stdbool.h>

/* Move a descriptor off the standard ones: one of these may be closed, and is to stay so, for us and for the children
 * that inherit it. Returns the descriptor; -1, with the errno: it could not be moved, and is closed. */
int lift(int fd);

/* Open a pipe with such ends (pipe2(2), which has the flags; O_CLOEXEC is always one). False, with the errno: there is
 * none, and `ends` is as it was. */
bool lift_pipe(int ends[2], int flags);
