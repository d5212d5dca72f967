/* The payload: what `sigroute compile` appends to this executable (sigroute/executable.py writes it).
 *
 * It is a section with a program header of its own, so exec has mapped it already: it takes no /proc, no open(2) and
 * no copy, and as nothing writes to it, no memory of its own. It has the highest address, where any size fits.
 *
 *     header     below
 *     table      for each part: its name (16 bytes), its offset from the header, its size (8 bytes each)
 *     parts      each at a multiple of 16
 *     0xff ...   at least one, up to a multiple of 32: a page reads as zeros after the end of a cut file (mmap(2)), so
 *                that never looks whole
 *
 * All numbers are little-endian, as both machines are. */
#pragma once

#include <elf.h>
#include <patchlevel.h> /* PY_VERSION_HEX */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What refuse() is given. */
#define PAYLOAD_BROKEN "it is not as it was compiled (cut off, edited, converted?); copy it or compile it once more"
#define PAYLOAD_NONE "it is a runtime without rules; sigroute compile makes an init of it"

/* What a payload has to be made for; the runtime carries its own, so that sigroute compile can ask. */
struct payload_form {
    uint16_t format;
    uint16_t machine;
    uint8_t python_magic[4]; /* importlib.util.MAGIC_NUMBER: which bytecode its Python runs */
    uint32_t python_version;
};

#define PAYLOAD_FORMAT 1
#ifdef __x86_64__
#define PAYLOAD_MACHINE EM_X86_64
#else
#define PAYLOAD_MACHINE EM_AARCH64
#endif
#define PAYLOAD_FORM {PAYLOAD_FORMAT, PAYLOAD_MACHINE, {PYTHON_MAGIC}, PY_VERSION_HEX} /* PYTHON_MAGIC: build.py */

struct payload_header {
    uint8_t magic[16];
    uint64_t hash; /* of all that follows `size`, and of `size` */
    uint64_t size; /* of all, with this header; a multiple of 32 */
    struct payload_form form;
    uint32_t count; /* of the parts */
};

struct part {
    const unsigned char *data;
    size_t size;
};

/* Check every byte of the payload. NULL, or what is wrong: then nothing may be started. All signals are blocked. */
const char *payload_open(void);

/* Whether this executable is the static sigroute. */
bool payload_is_command(void);

/* Find a part, once payload_open() has returned NULL. */
bool payload_part(const char *name, struct part *found);

/* Search this payload first, from now on. This executable has made it, so it is not checked. False: there is none. */
bool payload_add(const unsigned char *more);
