#include "counted.h"
#include "control.h"

struct counted counted;

void counted_answer(int sender, int number) {
    if (control.listener >= 0)
        counted.answers[sender][number]++;
}

void counted_reaped(void) {
    if (control.listener >= 0)
        counted.reaped++;
}
