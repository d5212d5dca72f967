/* What is said where there is no log yet. */
#pragma once

#define CANNOT_RUN 126

/* Say "NAME: WHAT: WHY". */
void complain(const char *name, const char *what, const char *why);

/* Say "NAME: cannot run: WHY", and end with 126. */
_Noreturn void refuse(const char *name, const char *why);
