/* For now: check the payload, then be the command. */

#include "entry.h"
#include "payload.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

static void main_say(const char *name, const char *why) {
    const char *texts[] = {name, ": cannot run: ", why, "\n"};
    for (size_t each = 0; each < sizeof texts / sizeof *texts; each++)
        if (write(2, texts[each], strlen(texts[each])) < 0)
            return;
}

int main(int count, char **words) {
    const char *fault = payload_open();
    if (fault)
        main_say(count ? words[0] : "sigroute", fault);
    if (fault || count < 2)
        return fault ? 126 : 64;
    sigset_t before;
    sigemptyset(&before);
    for (int number = 1; number < 65; number++)
        if (entry_mask >> (number - 1) & 1)
            sigaddset(&before, number);
    sigprocmask(SIG_SETMASK, &before, NULL);
    execvp(words[1], words + 1);
    return 127;
}
