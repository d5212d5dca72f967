/* The date without a time zone: the C library's gmtime(3) would read /etc/localtime first, and that of an image may be
 * anything. The local time is UTC here. The linker redirects calls of the C library's
 * functions to these (runtime/flags.py, WRAPPED; ld(1), --wrap). */

#include <errno.h>
#include <limits.h>
#include <stddef.h>
#include <time.h>

void __wrap_tzset(void);
struct tm *__wrap_gmtime_r(const time_t *time, struct tm *found);
struct tm *__wrap_localtime_r(const time_t *time, struct tm *found);
time_t __wrap_mktime(struct tm *fields);

enum { DAY = 86400, DAYS_OF_400_YEARS = 146097 };

void __wrap_tzset(void) {}

/* Years begin in March, so that a leap day is the last day of its year, and months have 153 days in each five. */
struct tm *__wrap_gmtime_r(const time_t *time, struct tm *found) {
    long days = *time / DAY, second = *time % DAY;
    if (second < 0)
        days--, second += DAY;
    long since = days + 719468; /* from March 1 of the year 0 to 1970 */
    long era = (since >= 0 ? since : since - DAYS_OF_400_YEARS + 1) / DAYS_OF_400_YEARS;
    long of_era = since - era * DAYS_OF_400_YEARS;
    long year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    long of_year = of_era - (365 * year + year / 4 - year / 100);
    long month = (5 * of_year + 2) / 153; /* 0 is March */
    long full = era * 400 + year + (month > 9);
    if (full - 1900 > INT_MAX || full - 1900 < INT_MIN) {
        errno = EOVERFLOW;
        return NULL;
    }
    int leap = (full % 4 == 0 && full % 100 != 0) || full % 400 == 0;
    *found = (struct tm){
        .tm_sec = (int)(second % 60),
        .tm_min = (int)(second / 60 % 60),
        .tm_hour = (int)(second / 3600),
        .tm_mday = (int)(of_year - (153 * month + 2) / 5 + 1),
        .tm_mon = (int)(month + (month > 9 ? -10 : 2)),
        .tm_year = (int)(full - 1900),
        .tm_wday = (int)((days % 7 + 11) % 7), /* January 1, 1970 was a Thursday */
        .tm_yday = (int)(month > 9 ? of_year - 306 : of_year + 59 + leap),
        .tm_zone = "UTC",
    };
    return found;
}

struct tm *__wrap_localtime_r(const time_t *time, struct tm *found) { return __wrap_gmtime_r(time, found); }

/* Nothing here has a local time to ask about. */
time_t __wrap_mktime(struct tm *fields) {
    (void)fields;
    errno = EOVERFLOW;
    return -1;
}

void __wrap___tzset(void);
void __wrap___tzset(void) {}
