/* The clocks of the log. */

#ifndef STAMP_H
#define STAMP_H

#include <stdint.h>

/* The length of a stamp: 2026-01-31T12:00:00.123Z. */
enum { STAMP = 24 };

/* Write the time of day in UTC, to the millisecond (RFC 3339): STAMP bytes, and no NUL. */
void stamp_write(char *to);

/* Return nanoseconds of a clock that never goes back (CLOCK_MONOTONIC, clock_gettime(2)). */
int64_t stamp_ticks(void);

#endif
