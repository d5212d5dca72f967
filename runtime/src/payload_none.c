/* An empty payload: from it sigroute/executable.py reads what a payload has to be made for. It then changes the program
 * header of this section to map the real one. The linker gives the section its address (runtime/flags.py, PAYLOAD). */

#include "payload.h"

extern const struct payload_header payload_begin;

__attribute__((section(".payload"))) const struct payload_header payload_begin = {
    .magic = "sigroute runtime",
    .size = sizeof(struct payload_header),
    .form = PAYLOAD_FORM,
};
