/* The mask and the handlers of this process, and those of a program that it starts. */
#pragma once

#include "kernel.h"

/* Signals that were ignored when this process was started. */
extern signals handlers_ignored;

/* Give every signal a handler, CHLD first. All are blocked already. */
void handlers_install(void);

/* Neither block nor handle these any more: they are as they were before. */
void handlers_leave(signals left);

/* In a child: every signal has its default and none is blocked, but for these. */
void handlers_restore(signals blocked, signals ignored);
