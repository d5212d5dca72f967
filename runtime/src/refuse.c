#include "refuse.h"
#include "writer.h"
#include <string.h>
#include <unistd.h>

#define CANNOT_RUN 126

/* It never waits: nobody may read standard error, and PID 1 has to end (writer.h). */
_Noreturn void refuse(const char *name, const char *why) {
    static char text[MOST], rest[MOST];
    struct writer writer;
    strncat(text, name, MOST / 2);
    strcat(text, ": cannot run: ");
    strncat(text, why, MOST / 4);
    strcat(text, "\n");
    writer_open(&writer, STDERR_FILENO, rest);
    writer_write(&writer, text, strlen(text));
    _exit(CANNOT_RUN);
}
