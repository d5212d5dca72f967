#include "lines.h"
#include "digits.h"
#include "log.h"
#include <string.h>

struct lines lines;

/* The most lines of a group, and bytes of all of them with their holes filled. The compiler keeps within
 * them (pid1/watch/texts.py), and main.c leaves a child with a long name to the engine. */
#define MOST_LINES 4
#define MOST_BYTES 8192

/* What lines_tell reads from, and where it puts the bytes of lines. */
struct scan {
    const unsigned char *at;
    char *to, *end;
    const struct holes *holes;
};

static bool is_structure(unsigned char mark) { return mark == END || (mark >= AGAIN && mark <= LEVEL + LEVELS); }

static void put(struct scan *scan, const char *bytes, size_t length) {
    if (length > (size_t)(scan->end - scan->to))
        length = scan->end - scan->to;
    memcpy(scan->to, bytes, length);
    scan->to += length;
}

static void put_hole(struct scan *scan, unsigned char hole) {
    const struct holes *holes = scan->holes;
    if (hole == HOLE_NAME || hole == HOLE_PROGRAM) {
        const char *word = hole == HOLE_NAME ? lines.name : lines.program;
        put(scan, word, strlen(word));
        return;
    }
    const long numbers[] = {[HOLE_SENDER] = holes->sender, [HOLE_UID] = holes->uid, [HOLE_CHILD] = holes->child,
                            [HOLE_STATUS] = holes->status, [HOLE_CODE] = holes->code};
    char text[DIGITS];
    put(scan, text, digits_write(text, numbers[hole]));
}

/* Copy a line up to the mark that ends it, or up to the hole for its number. */
static struct line filled(struct scan *scan) {
    const char *begin = scan->to;
    for (; !is_structure(*scan->at) && *scan->at != HOLE_NUMBER; scan->at++) {
        if (*scan->at < HOLE_NUMBER)
            put_hole(scan, *scan->at);
        else
            put(scan, (const char *)scan->at, 1);
    }
    return (struct line){begin, scan->to - begin};
}

/* Tell a group: the lines of one step of the engine. */
static void tell_group(struct scan *scan) {
    struct line told[MOST_LINES];
    struct numbered again = {0};
    int count = 0;
    while (*scan->at >= LEVEL) {
        bool is_told = (uint32_t)(*scan->at++ - LEVEL) >= lines.level && count < MOST_LINES;
        struct line line = filled(scan);
        if (*scan->at == AGAIN) {
            scan->at++;
            struct line before = filled(scan);
            scan->at += *scan->at == HOLE_NUMBER;
            struct line after = filled(scan);
            if (is_told && !count)
                again = (struct numbered){before, after};
        }
        if (is_told)
            told[count++] = line;
    }
    if (count)
        log_tell(told, count, again.before.bytes ? &again : NULL);
}

void lines_tell(const char *texts, uint32_t offset, const struct holes *holes) {
    char bytes[MOST_BYTES];
    if (!offset || log_silent())
        return;
    struct scan scan = {(const unsigned char *)texts + offset, bytes, bytes + sizeof bytes, holes};
    tell_group(&scan);
    while (*scan.at == GROUP) {
        scan.at++;
        scan.to = bytes;
        tell_group(&scan);
    }
}
