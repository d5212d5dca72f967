#include "digits.h"

size_t digits_write(char *text, long number) {
    unsigned long left = number < 0 ? -(unsigned long)number : (unsigned long)number;
    char reversed[DIGITS];
    size_t count = 0, size = 0;
    do
        reversed[count++] = (char)('0' + left % 10);
    while (left /= 10);
    if (number < 0)
        text[size++] = '-';
    while (count)
        text[size++] = reversed[--count];
    return size;
}
