#include "refuse.h"
#include "writer.h"
#include <string.h>
#include <unistd.h>

/* It never waits: even if nobody reads standard error (pipe(7)), PID 1 has to go on (writer.h). */
void complain(const char *name, const char *what, const char *why) {
    static char text[MOST], rest[MOST];
    struct writer writer;
    text[0] = 0;
    strncat(text, name, MOST / 2);
    strncat(strcat(text, ": "), what, MOST / 8);
    strncat(strcat(text, ": "), why, MOST / 4);
    strcat(text, "\n");
    writer_open(&writer, STDERR_FILENO, rest);
    writer_write(&writer, text, strlen(text));
}

_Noreturn void refuse(const char *name, const char *why) {
    complain(name, "cannot run", why);
    _exit(CANNOT_RUN);
}
