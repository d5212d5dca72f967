/* The payload of a runtime that has none: where sigroute/executable.py finds what one has to be made for. It then has
 * the program header of this section show the real one. The linker gives the section its address (runtime/flags.py). */

#include "payload.h"

extern const struct payload_header payload_begin;

__attribute__((section(".payload"))) const struct payload_header payload_begin = {
    .magic = "sigroute runtime",
    .size = sizeof(struct payload_header),
    .form = PAYLOAD_FORM,
};
