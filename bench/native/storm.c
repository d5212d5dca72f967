/* storm PAGE ORPHANS: leave so many orphans to PID 1, as fast as they can be made, and see when it has reaped them.
 *
 * A nursery forks BATCH of them and ends, and each of them ends at once. kill(2) finds a zombie until it is reaped. After
 * each nursery it counts those that PID 1 has not reaped yet; PATIENCE after the last it takes those for all. */

#include "page.h"

#define BATCH 50
#define PATIENCE 2

static void make(struct page *page, uint64_t first) {
    pid_t nursery = fork();
    if (nursery < 0)
        err(1, "fork");
    if (!nursery) {
        for (uint64_t number = first; number < first + BATCH; number++) {
            pid_t orphan = fork();
            if (!orphan)
                _exit(0);
            page->stamps[number] = (uint64_t)orphan;
        }
        _exit(0);
    }
    waitpid(nursery, NULL, 0);
}

/* Count what is left of the orphans from *first on, and move *first past those that are all gone. */
static uint64_t left(struct page *page, uint64_t *first, uint64_t made) {
    uint64_t found = 0;
    for (uint64_t number = *first; number < made; number++)
        if (!kill((pid_t)page->stamps[number], 0))
            found++;
        else if (!found)
            *first = number + 1;
    return found;
}

int main(int count, char **words) {
    if (count != 3)
        errx(64, "usage: storm PAGE ORPHANS");
    struct page *page = map(words[1]);
    uint64_t orphans = strtoull(words[2], NULL, 10), first = 0;
    page->storm_began = now();
    for (uint64_t made = 0; made < orphans; made += BATCH) {
        make(page, made);
        uint64_t zombies = left(page, &first, made + BATCH);
        if (zombies > page->most_zombies)
            page->most_zombies = zombies;
    }
    uint64_t deadline = now() + PATIENCE * 1000000000ull, zombies;
    while ((zombies = left(page, &first, orphans)) && now() < deadline)
        usleep(200);
    page->reaped = orphans - zombies;
    page->storm_over = now();
    for (;;)
        pause();
}
