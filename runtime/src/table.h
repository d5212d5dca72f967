/* The table: what the engine does, asked beforehand (sigroute/static/table.py writes it).
 *
 * An entry answers a signal from a sender only if the engine would leave its state as it is, whatever the time. So an
 * engine that starts later is in the same state as if it had seen the signal. */
#pragma once

#include "kernel.h"
#include "origin.h"

#define TABLE_FORMAT 2

enum kind {
    ASK,     /* the engine must see the signal */
    SEND,    /* the first child gets a signal; 0: nothing is sent */
    GUARDED, /* likewise, if it handles that signal; else the engine must see it */
};

struct entry {
    uint8_t kind, signal;
    uint8_t group; /* to the process group */
    uint8_t reserved;
    int32_t pid;    /* 0: the first child */
    uint32_t lines; /* of the log: an offset in the texts; 0: none */
};

typedef struct entry entries[SENDERS][SIGNALS + 1];

struct table {
    uint32_t format, size; /* of all but the texts: what was made for another layout is refused */
    signals stops;  /* of class stop */
    int64_t grace;  /* nanoseconds from the first stop to its end, for the fallback; -1: it has none */
    uint32_t level; /* the least level of the log */
    uint32_t stamp; /* where the stamp is in a line */
    uint8_t can_start; /* the watch can start the first child, which is the only one */
    uint8_t may_end;  /* when that child ends, finish.c may end PID 1 */
    uint8_t terminal; /* the child gets the terminal, if there is one */
    uint8_t takes_command; /* the child takes the command line */
    uint32_t command_words; /* the child's command, if it takes none: this many texts, one after the other */
    uint32_t command;
    uint32_t name;  /* 0: the program's */
    uint32_t adopted, not_adopted; /* lines: we are not PID 1, but a subreaper; we could not become one */
    uint32_t started, reaped, exited, lost_before, lost_after;
    uint32_t killed[SIGNALS + 1];
    uint8_t codes[256];               /* the exit code, by the child's */
    uint8_t killed_codes[SIGNALS + 1]; /* by the signal that has ended it */
    uint8_t adopts;                    /* become a subreaper, where we are not PID 1 */
    uint8_t reserved[2];
    entries entries;
    entries first_signals; /* what is sent first in each case, for the fallback */
    char texts[];
};
