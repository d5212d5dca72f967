/* child PAGE COPIES: what the inits run. It stamps the clock as its first instruction, and then for each USR1 and USR2.
 *
 * With COPIES of more than 1 it makes that many of itself, all in one process group. */

#include "page.h"

static void handler(int number) { (void)number; }

static void receive(struct page *page) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR1);
    sigaddset(&set, SIGUSR2);
    sigprocmask(SIG_BLOCK, &set, NULL);
    signal(SIGUSR1, handler); /* never runs; an init may look whether the child handles what it would forward */
    signal(SIGUSR2, handler);
    uint64_t me = __atomic_fetch_add(&page->ready, 1, __ATOMIC_SEQ_CST);
    for (;;) {
        siginfo_t info;
        if (sigwaitinfo(&set, &info) < 0)
            continue;
        page->stamps[me] = now();
        if (__atomic_add_fetch(&page->arrived, 1, __ATOMIC_SEQ_CST) == page->expected)
            syscall(SYS_futex, &page->arrived, FUTEX_WAKE, 1, NULL, NULL, 0);
    }
}

int main(int count, char **words) {
    uint64_t first = now();
    if (count != 3)
        errx(64, "usage: child PAGE COPIES");
    struct page *page = map(words[1]);
    page->begun = first;
    for (int more = atoi(words[2]) - 1; more > 0; more--)
        if (!fork())
            break;
    receive(page);
}
