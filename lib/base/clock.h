/* SPDX-License-Identifier: MIT */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Nanoseconds of the monotonic clock; never 0. */
uint64_t seed__now(void);

/* An HTTP date (RFC 9110 5.6.7) that is formatted once a second. */
struct http_date {
    time_t second;
    char text[32]; /* 29 bytes and a NUL */
};

/* Returns the date of now; reads the coarse clock only. */
const char *seed__http_date(struct http_date *date);

/* Formats any time. */
void seed__http_date_format(char out[32], time_t second);

#endif
