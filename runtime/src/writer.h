/* A non-blocking writer: it never waits for a reader, and never leaves a line cut. */

#ifndef WRITER_H
#define WRITER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

/* The longest line. A write of up to so many bytes to a pipe is all or nothing (pipe(7), PIPE_BUF). */
enum { MOST = 4096 };

struct writer {
    int fd;
    bool dry; /* no way to write is left that is sure not to block */
    ssize_t (*once)(struct writer *, const char *data, size_t length);
    ssize_t (*other)(struct writer *, const char *data, size_t length); /* if this kernel has no `once` */
    int own[2];
    size_t left; /* so many bytes of a line that was cut are in `rest` */
    char *rest;
};

/* Write on a descriptor from now on. `rest` is room for MOST bytes: memory that stays untouched until a line is cut. */
void writer_open(struct writer *writer, int fd, char *rest);

/* Write the rest of a line that was cut; tell whether all of it is written. */
bool writer_flush(struct writer *writer);

/* Write a line, once nothing is left to flush, and keep for later the part that does not fit; tell whether at least its
 * beginning is out. */
bool writer_write(struct writer *writer, const char *data, size_t length);

#endif
