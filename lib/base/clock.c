/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <seed/async.h>

#include <string.h>

/* The date needs seconds only; Linux reads them without the counter. */
#ifdef CLOCK_REALTIME_COARSE
#define DATE_CLOCK CLOCK_REALTIME_COARSE
#else
#define DATE_CLOCK CLOCK_REALTIME
#endif

/* Years 0 to 9999 have a date of 29 bytes. */
static const long long first_second = -62167219200, last_second = 253402300799;

uint64_t seed__now(void)
{
    struct timespec now;
    uint64_t nsec;

    clock_gettime(CLOCK_MONOTONIC, &now);
    nsec = (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
    return nsec ? nsec : 1;
}

uint64_t seed_now(void)
{
    return seed__now();
}

static char *put_name(char *out, const char *names, int which)
{
    memcpy(out, names + 3 * which, 3);
    return out + 3;
}

static char *put_two(char *out, int number, char behind)
{
    *out++ = (char)('0' + number / 10);
    *out++ = (char)('0' + number % 10);
    *out++ = behind;
    return out;
}

/* Not strftime: the names must not follow the locale. */
void seed__http_date_format(char out[32], time_t second)
{
    struct tm tm;
    int year;

    if (second < first_second)
        second = first_second;
    if (second > last_second)
        second = last_second;
    gmtime_r(&second, &tm);
    year = tm.tm_year + 1900;

    out = put_name(out, "SunMonTueWedThuFriSat", tm.tm_wday);
    *out++ = ',';
    *out++ = ' ';
    out = put_two(out, tm.tm_mday, ' ');
    out = put_name(out, "JanFebMarAprMayJunJulAugSepOctNovDec", tm.tm_mon);
    *out++ = ' ';
    out = put_two(out, year / 100, '0') - 1;
    out = put_two(out, year % 100, ' ');
    out = put_two(out, tm.tm_hour, ':');
    out = put_two(out, tm.tm_min, ':');
    out = put_two(out, tm.tm_sec, ' ');
    memcpy(out, "GMT", 4);
}

const char *seed__http_date(struct http_date *date)
{
    struct timespec now;

    clock_gettime(DATE_CLOCK, &now);
    if (now.tv_sec != date->second || !*date->text) {
        date->second = now.tv_sec;
        seed__http_date_format(date->text, now.tv_sec);
    }
    return date->text;
}
