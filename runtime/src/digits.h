/* Numbers as decimal text: printf(3) would bring the locale along. */
#pragma once

#include <stddef.h>

/* The longest number, with its sign. */
#define DIGITS 20

/* Write a number; return how many characters it took. There is no end mark. */
size_t digits_write(char *text, long number);
