/* What the watch does without the engine, counted for `sigroute metrics`. Without a control socket nobody could ask, and
 * nothing is counted: not a page of memory is written for it. */
#pragma once

#include "kernel.h"
#include "origin.h"

struct counted {
    uint64_t answers[SENDERS][SIGNALS + 1]; /* by the table, and done: since Python has asked */
    uint64_t reaped;                        /* processes whose end was not for the engine: likewise */
};

extern struct counted counted;

void counted_answer(int sender, int number);
void counted_reaped(void);
