/* The static sigroute: PID 1 is the watch from its first instruction on, and a child of it, the helper, reads the
 * command line and the rules. So PID 1 never holds a parser, and needs no exec: that would take a path to this
 * executable, which an image without /proc does not tell. */
#pragma once

/* Do what the command line says. Returns the command line for the engine, once the payload has a table and a plan.
 * Where nothing is to be run, it does not return. */
char **command_prepare(char **words);
