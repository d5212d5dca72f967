#include "stamp.h"
#include <time.h>

/* Write a number with so many digits, and what follows it; return where that ends. */
static char *put(char *to, long number, int digits, char next) {
    for (int place = digits - 1; place >= 0; place--, number /= 10)
        to[place] = (char)('0' + number % 10);
    to[digits] = next;
    return to + digits + 1;
}

void stamp_write(char *to) {
    struct timespec now;
    struct tm date; /* of UTC, by utc.c: the linker puts that in the place of the C library's gmtime_r(3) */
    clock_gettime(CLOCK_REALTIME, &now);
    gmtime_r(&now.tv_sec, &date);
    to = put(to, date.tm_year + 1900, 4, '-');
    to = put(to, date.tm_mon + 1, 2, '-');
    to = put(to, date.tm_mday, 2, 'T');
    to = put(to, date.tm_hour, 2, ':');
    to = put(to, date.tm_min, 2, ':');
    to = put(to, date.tm_sec, 2, '.');
    put(to, now.tv_nsec / 1000000, 3, 'Z');
}

int64_t stamp_ticks(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}
