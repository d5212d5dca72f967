/* What entry.S has kept. */
#pragma once

#include <stdint.h>

/* The signal mask as it was before all signals were blocked: bit N-1 is signal N. */
extern uint64_t entry_mask;
