#include "payload.h"

#include <signal.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/syscall.h>
#include <unistd.h>

struct payload_entry {
    char name[16];
    uint64_t offset, size;
};

/* Not declared by its type, so that the compiler assumes nothing of its contents: sigroute/executable.py puts the real
 * payload in the place of payload_none.c's. */
extern const unsigned char payload_begin[];

/* How the payload of an init begins, and that of the static sigroute. */
#define INIT "sigroute payload"
#define COMMAND "sigroute command"
#define MAGIC_SIZE sizeof((struct payload_header *)0)->magic

/* How many bytes are mapped there, by the program header (getauxval(3), elf(5)). */
static size_t payload_mapped(void) {
    const Elf64_Phdr *header = (const void *)getauxval(AT_PHDR);
    for (unsigned long count = getauxval(AT_PHNUM); count; count--, header++)
        if (header->p_vaddr == (Elf64_Addr)payload_begin)
            return header->p_filesz;
    return 0;
}

/* Whether the file still has its end, and so all before it. To read what was cut off raises SIGBUS (mmap(2)), which
 * ends a process that blocks it (force_sig() in the kernel). So a system call reads it, and fails with EFAULT instead.
 * The call changes nothing: it blocks a set of signals where all are blocked (entry.S). */
static bool payload_ends(size_t size) {
    return size > sizeof(uint64_t) &&
           !syscall(SYS_rt_sigprocmask, SIG_BLOCK, payload_begin + size - sizeof(uint64_t), NULL, sizeof(uint64_t));
}

/* For a given word, each step maps different states to different states, and for a given state different words, too. So
 * a change within one word always changes the hash. The four lanes do not depend on each other, so a
 * processor computes them at the same time. */
static uint64_t payload_mix(uint64_t state, uint64_t word) {
    state = (state ^ word) * 0x9E3779B185EBCA87;
    return state ^ state >> 32;
}

static uint64_t payload_hash(const struct payload_header *header) {
    uint64_t a = header->size, b = a + 1, c = a + 2, d = a + 3, words[4];
    for (size_t at = offsetof(struct payload_header, form); at < header->size; at += sizeof words) {
        memcpy(words, payload_begin + at, sizeof words);
        a = payload_mix(a, words[0]);
        b = payload_mix(b, words[1]);
        c = payload_mix(c, words[2]);
        d = payload_mix(d, words[3]);
    }
    return payload_mix(payload_mix(payload_mix(payload_mix(0, a), b), c), d);
}

bool payload_is_command(void) { return !memcmp(payload_begin, COMMAND, MAGIC_SIZE); }

static bool payload_whole(const struct payload_header *header, size_t mapped) {
    static const struct payload_form form = PAYLOAD_FORM;
    return (!memcmp(header->magic, INIT, MAGIC_SIZE) || payload_is_command()) && header->size % 32 == 0 &&
           header->size == mapped && payload_hash(header) == header->hash && !memcmp(&header->form, &form, sizeof form);
}

const char *payload_open(void) {
    const struct payload_header *header = (const void *)payload_begin;
    size_t mapped = payload_mapped();
    if (!payload_ends(mapped))
        return PAYLOAD_BROKEN;
    if (!memcmp(header->magic, "sigroute runtime", MAGIC_SIZE))
        return PAYLOAD_NONE;
    return payload_whole(header, mapped) ? NULL : PAYLOAD_BROKEN;
}

/* What was added to the payload; the last one is searched first. */
static const unsigned char *added[2];

bool payload_add(const unsigned char *more) {
    if (memcmp(more, INIT, MAGIC_SIZE))
        return false;
    added[1] = added[0];
    added[0] = more;
    return true;
}

static bool find_in(const unsigned char *begin, const char *name, struct part *found) {
    const struct payload_header *header = (const void *)begin;
    const struct payload_entry *table = (const void *)(header + 1);
    for (uint32_t each = 0; begin && each < header->count; each++)
        if (!strncmp(table[each].name, name, sizeof table[each].name)) {
            *found = (struct part){begin + table[each].offset, table[each].size};
            return true;
        }
    return false;
}

bool payload_part(const char *name, struct part *found) {
    return find_in(added[0], name, found) || find_in(added[1], name, found) || find_in(payload_begin, name, found);
}
