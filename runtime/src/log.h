/* The last stage of the log: lines come to it as bytes that only lack their stamp, from C and from Python.
 *
 * A write never blocks and never leaves a line cut; a line may be lost instead, and how many were is said. If the same
 * lines come again and again, they are only counted. */

#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stddef.h>

/* A line without the bytes of its stamp. It ends with its only newline, and has MOST bytes at most with its stamp. */
struct line {
    const char *bytes;
    size_t length;
};

/* A line with a number, as the bytes before and after it. It has MOST bytes at most with its stamp and LOG_DIGITS
 * digits; the stamp's place is in `before`. */
struct numbered {
    struct line before, after;
};

/* The longest number of a struct numbered: any of 64 bits. */
enum { LOG_DIGITS = 20 };

/* Write on this descriptor from now on. Each line gets its stamp in front of its byte `stamp_at`: 0 in the text form,
 * and in the JSON form what comes after {"time": ". `lost` says how many lines are lost; its bytes have to stay. */
void log_open(int fd, size_t stamp_at, struct numbered lost);

/* No line is written at all. */
bool log_silent(void);

/* Write the lines about something that has happened, or only count it if it is the same again and again. `again` says
 * so, and how often, for these lines; it may be NULL where log_needs_again() is false. None of what is
 * given has to stay. */
void log_tell(const struct line *lines, int count, const struct numbered *again);

/* Tell whether log_tell() may need `again` for these lines now: so whoever has to make it first does that only then. */
bool log_needs_again(const struct line *lines, int count);

#endif
