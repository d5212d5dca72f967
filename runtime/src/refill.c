#include "refill.h"
#include "watch.h"
#include <string.h>

/* Bytes for the lines of the entries. An entry has some 400 of them, so there is room for about 40 entries. */
#define ROOM 16384

/* The offset that means: no lines. */
#define NO_LINES 0

static entries filled;
static char texts[ROOM];
static size_t used;
static bool knows; /* at least one entry, with lines or without */

void refill_forget(void) {
    watch.entries = (const entries *)&filled;
    watch.texts = texts;
    watch.owned_count = -1;
    watch.reaped = 0; /* at level debug, the engine sees every exit and logs it (pid1/watch/refill.py) */
    if (knows)
        memset(filled, ASK, sizeof filled);
    knows = false;
    used = NO_LINES + 1;
}

bool refill_remember(int sender, int number, struct entry entry, const char *text, size_t size) {
    if (watch.texts != texts)
        refill_forget();
    if (sender < 0 || sender >= SENDERS || number < 1 || number > SIGNALS || size >= ROOM - used)
        return false;
    entry.lines = 0;
    if (size) {
        entry.lines = (uint32_t)used;
        memcpy(texts + used, text, size);
        texts[used + size] = END;
        used += size + 1;
    }
    filled[sender][number] = entry;
    knows = true;
    return true;
}
