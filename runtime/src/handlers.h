/* The mask and the handlers of this process, and those of a program that it starts. */
#pragma once

#include "kernel.h"

/* Signals that were ignored when this process was started. */
extern signals handlers_ignored;

/* Give every signal a handler, CHLD first. All are blocked already. */
void handlers_install(void);

/* Unblock these signals; each is ignored or has its default, as it was when this process was started. */
void handlers_release(signals left);

/* In a child: block just these signals, ignore just these, and give every other one its default. */
void handlers_restore(signals blocked, signals ignored);
