/* sender PAGE PID CPU TIMES PAUSE EXPECTED: send USR1, one at a time, and see how long it takes.
 *
 * The next is sent when all of the EXPECTED children have got the last, and PAUSE microseconds later. Ends with 3 where
 * one does not arrive within PATIENCE. */

#include "page.h"
#include <errno.h>

#define PATIENCE 5

static int wait_for_all(struct page *page) {
    uint64_t deadline = now() + PATIENCE * 1000000000ull;
    for (;;) {
        uint32_t arrived = __atomic_load_n(&page->arrived, __ATOMIC_SEQ_CST);
        if (arrived >= page->expected)
            return 1;
        if (now() > deadline)
            return 0;
        struct timespec patience = {.tv_sec = 1};
        syscall(SYS_futex, &page->arrived, FUTEX_WAIT, arrived, &patience, NULL, 0);
    }
}

int main(int count, char **words) {
    if (count != 7)
        errx(64, "usage: sender PAGE PID CPU TIMES PAUSE EXPECTED");
    struct page *page = map(words[1]);
    pid_t pid = atoi(words[2]);
    pin(atoi(words[3]));
    page->expected = strtoull(words[6], NULL, 10);
    for (long number = 0; number < atol(words[4]); number++) {
        __atomic_store_n(&page->arrived, 0, __ATOMIC_SEQ_CST);
        uint64_t sent = now(), last = 0;
        if (kill(pid, SIGUSR1))
            err(1, "kill");
        if (!wait_for_all(page))
            return 3;
        for (uint64_t child = 0; child < page->expected; child++)
            if (page->stamps[child] > last)
                last = page->stamps[child];
        page->results[number] = last - sent;
        page->samples = (uint64_t)number + 1;
        usleep((useconds_t)atol(words[5]));
    }
}
