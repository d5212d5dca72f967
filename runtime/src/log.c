#include "log.h"
#include "stamp.h"
#include "writer.h"
#include <stdint.h>
#include <string.h>

/* If the same lines come again and again, each time within AGAIN nanoseconds, they are written TIMES times. Further
 * times are only counted; the log tells the count at a hundred, a thousand ... times, and before any other line. */
enum { AGAIN = 1000000000, TIMES = 10 };

/* The last lines are kept, with their stamps, if they have so many bytes at most. */
enum { KEPT = 16384 };

static struct {
    struct writer out;
    size_t stamp_at;
    struct numbered lost_line, again_line;
    uint64_t lost;
    /* When the last lines came, how often in a row, and how many of these times were only counted. */
    int64_t at;
    uint64_t times, counted;
    size_t kept; /* the bytes in `last` that are the last lines; 0: they were too long to keep */
    char last[KEPT];
} state;

/* Each of these stays untouched, and takes no memory, until there is something rare to put there. */
static char again_bytes[MOST], line[MOST], rest[MOST];

void log_open(int fd, size_t stamp_at, struct numbered lost) {
    memset(&state, 0, offsetof(typeof(state), last));
    state.stamp_at = stamp_at;
    state.lost_line = lost;
    writer_open(&state.out, fd, rest);
}

bool log_silent(void) {
    return state.out.dry;
}

/* Append bytes; return where they end. */
static char *put(char *to, const char *bytes, size_t length) {
    memcpy(to, bytes, length);
    return to + length;
}

/* Append bytes that contain the stamp's place, and leave that free; return where they end. */
static char *put_beginning(char *to, const struct line *bytes) {
    to = put(to, bytes->bytes, state.stamp_at) + STAMP;
    return put(to, bytes->bytes + state.stamp_at, bytes->length - state.stamp_at);
}

static char *put_number(char *to, uint64_t number) {
    char digits[LOG_DIGITS];
    char *first = digits + sizeof digits;
    do
        *--first = (char)('0' + number % 10);
    while (number /= 10);
    return put(to, first, (size_t)(digits + sizeof digits - first));
}

/* Stamp a line, and write it. */
static bool write_stamped(char *bytes, size_t length) {
    stamp_write(bytes + state.stamp_at);
    return writer_write(&state.out, bytes, length);
}

static bool fits(size_t beginning, size_t more) {
    return beginning >= state.stamp_at && beginning <= MOST && more <= MOST && beginning + STAMP + more <= MOST;
}

static bool write_numbered(const struct numbered *parts, uint64_t number) {
    char *end = put_number(put_beginning(line, &parts->before), number);
    end = put(end, parts->after.bytes, parts->after.length);
    return write_stamped(line, (size_t)(end - line));
}

/* Write the rest of a line that was cut, and how many lines were lost; tell whether all of it is written. */
static bool ready(void) {
    if (!writer_flush(&state.out))
        return false;
    if (state.lost) {
        if (!write_numbered(&state.lost_line, state.lost))
            return false;
        state.lost = 0;
    }
    return !state.out.left;
}

/* Write how often the last lines came again without being written, if they did. */
static void tell_counted(void) {
    if (!state.counted)
        return;
    uint64_t number = state.counted;
    state.counted = 0;
    if (!(ready() && write_numbered(&state.again_line, number)))
        state.lost++;
}

/* Write the lines where they are kept: there each of them is stamped. */
static void write_lines(const struct line *lines, int count) {
    bool whole = true;
    state.kept = 0;
    for (const struct line *each = lines; each < lines + count; each++) {
        if (!fits(each->length, 0)) {
            state.lost++;
            continue;
        }
        size_t length = each->length + STAMP;
        if (length > KEPT - state.kept) {
            whole = false;
            state.kept = 0;
        }
        char *bytes = state.last + state.kept;
        put_beginning(bytes, each);
        if (!(ready() && write_stamped(bytes, length)))
            state.lost++;
        state.kept += length;
    }
    if (!whole)
        state.kept = 0;
}

/* Tell whether these lines were the last ones. */
static bool repeats(const struct line *lines, int count) {
    const char *bytes = state.last, *end = bytes + state.kept;
    for (const struct line *each = lines; each < lines + count; each++) {
        if (!fits(each->length, 0) || each->length + STAMP > (size_t)(end - bytes) ||
            memcmp(bytes, each->bytes, state.stamp_at) ||
            memcmp(bytes + state.stamp_at + STAMP, each->bytes + state.stamp_at, each->length - state.stamp_at))
            return false;
        bytes += each->length + STAMP;
    }
    return bytes == end;
}

bool log_needs_again(const struct line *lines, int count) {
    return state.times == TIMES && repeats(lines, count);
}

static bool can_keep(const struct numbered *again) {
    return again && fits(again->before.length, LOG_DIGITS + again->after.length);
}

/* Keep the line that says that these lines came again: it may be told when other lines come. */
static void keep(const struct numbered *again) {
    struct numbered *kept = &state.again_line;
    *kept = (struct numbered){{again_bytes, again->before.length},
                              {again_bytes + again->before.length, again->after.length}};
    put(put(again_bytes, again->before.bytes, again->before.length), again->after.bytes, again->after.length);
}

static bool is_round(uint64_t number) {
    while (number % 10 == 0)
        number /= 10;
    return number == 1;
}

void log_tell(const struct line *lines, int count, const struct numbered *again) {
    if (!count || log_silent())
        return;
    int64_t now = stamp_ticks();
    bool same = now - state.at < AGAIN && repeats(lines, count) && (state.times != TIMES || can_keep(again));
    state.times = same ? state.times + 1 : 1;
    state.at = now;
    if (state.times <= TIMES) {
        tell_counted();
        write_lines(lines, count);
        return;
    }
    if (state.times == TIMES + 1)
        keep(again);
    state.counted++;
    if (is_round(state.times))
        tell_counted();
}
