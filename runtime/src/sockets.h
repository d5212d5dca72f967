/* Stream sockets with a path (unix(7)), as sigroute/pid1/kernel/sockets.py has them. Each returns a descriptor, which is
 * none of the standard ones, and which no program inherits; -1, with the errno: the kernel refuses that. */
#pragma once

#include <stdbool.h>
#include <sys/socket.h>

/* How many bytes a path has at most, with the zero at its end. */
#define SOCKETS_PATH 108

/* A socket bound to this path, for its owner alone, which never blocks. What an ended process has left there is
 * replaced; anything else is not: EADDRINUSE. */
int sockets_bound(const char *path);

/* The same, which listens. */
int sockets_listening(const char *path);

/* Have such a socket listen. False, with the errno: the kernel refuses that. */
bool sockets_listen(int fd);

/* A connection to whoever listens there. ETIMEDOUT: too many others wait for that. */
int sockets_connected(const char *path);

/* A connection that somebody has made, which never blocks; `by`: the process that has made it. */
int sockets_accepted(int fd, struct ucred *by);
