/* The log lines of the watch: texts that were rendered beforehand, with holes for what is known only now.
 *
 * A text is made of groups; each is what one step of the engine tells. In a group there are lines: a byte for the
 * level, the line, and its "the same again" line, which has a hole for the number. See the bytes below. */
#pragma once

#include "kernel.h"

enum mark {
    END = 0,
    HOLE_SENDER = 1, /* the pid of the sender */
    HOLE_UID,
    HOLE_CHILD, /* a pid */
    HOLE_STATUS, /* of an exit */
    HOLE_CODE, /* of our exit */
    HOLE_NAME, /* of the child */
    HOLE_PROGRAM, /* the first word of its command */
    HOLE_NUMBER, /* how often the same came again */
    AGAIN = 14,      /* the line ends here, and its "the same again" begins */
    GROUP = 15,      /* the next group begins */
    LEVEL = 16,     /* a line of level LEVEL + n begins: debug, info, warning, error */
    LEVELS = 4,
};

struct holes {
    long sender, uid, child, status, code;
};

/* The level below which no line is told; what stands in the holes for names. */
extern struct lines {
    uint32_t level;
    const char *name, *program;
} lines;

/* Tell the lines of a text; offset 0: none. */
void lines_tell(const char *texts, uint32_t offset, const struct holes *holes);
