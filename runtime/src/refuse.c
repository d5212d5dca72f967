#include "refuse.h"
#include <string.h>
#include <unistd.h>

#define CANNOT_RUN 126

_Noreturn void refuse(const char *name, const char *why) {
    const char *texts[] = {name, ": cannot run: ", why, "\n"};
    for (size_t each = 0; each < sizeof texts / sizeof *texts; each++)
        (void)!write(STDERR_FILENO, texts[each], strlen(texts[each]));
    _exit(CANNOT_RUN);
}
