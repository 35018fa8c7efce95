/* SPDX-License-Identifier: MIT */
#include "http/date.h"

#include "base/clock.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

/* RFC 9110's own moment, and 2026-01-01 as now. */
enum { MOMENT = 784111777, NOW = 1767225600 };

static const struct {
    const char *text;
    int64_t want;
} dates[] = {
    {"Sun, 06 Nov 1994 08:49:37 GMT", MOMENT},
    {"Sunday, 06-Nov-94 08:49:37 GMT", MOMENT},
    {"Sun Nov  6 08:49:37 1994", MOMENT},
    {"Thu, 01 Jan 1970 00:00:00 GMT", 0},
    {"Wed, 31 Dec 1969 23:59:59 GMT", -1},
    {"Tue, 29 Feb 2000 00:00:00 GMT", 951782400},
    {"Thu, 29 Feb 2024 12:00:00 GMT", 1709208000},
    {"Fri, 31 Dec 9999 23:59:59 GMT", 253402300799},
    {"Sat, 31 Dec 2016 23:59:60 GMT", 1483228800},
    {"Mon Feb 29 00:00:00 2024", 1709164800},
    {"Thursday, 01-Jan-76 00:00:00 GMT", 3345062400},
    {"Saturday, 01-Jan-77 00:00:00 GMT", 220924800},
};

static const char *const not_dates[] = {
    "", "0", "1994-11-06T08:49:37Z", "Sun, 06 Nov 1994 08:49:37",
    "Sun, 06 Nov 1994 08:49:37 UTC", "Sun, 06 Nov 1994 08:49:37 GMT ",
    " Sun, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 gmt",
    "sun, 06 nov 1994 08:49:37 GMT", "Sun, 6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 94 08:49:37 GMT", "Sun,  06 Nov 1994 08:49:37 GMT",
    "Xxx, 06 Nov 1994 08:49:37 GMT", "Sun, 06 Xxx 1994 08:49:37 GMT",
    "Sun, 00 Nov 1994 08:49:37 GMT", "Sun, 31 Nov 1994 08:49:37 GMT",
    "Sun, 29 Feb 1900 08:49:37 GMT", "Sun, 29 Feb 2023 08:49:37 GMT",
    "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:60:37 GMT",
    "Sun, 06 Nov 1994 08:49:61 GMT", "Sun, +6 Nov 1994 08:49:37 GMT",
    "Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
    "Sunday, 06-Nov-1994 08:49:37 GMT", "Sun, 06-Nov-94 08:49:37 GMT",
    "Sun Nov 6 08:49:37 1994", "Sun Nov  6 08:49:37 1994 GMT",
};

/* In memory of its own size, so that reading too far is seen. */
static bool parse(const char *text, int64_t *second)
{
    size_t length = strlen(text);
    char *copy = malloc(length + !length);
    bool is_date;

    memcpy(copy, text, length);
    is_date = seed__date_parse((struct str){copy, length}, NOW, second);
    free(copy);
    return is_date;
}

static void reads_three_formats(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(dates); i++) {
        int64_t second = -7;

        if (!parse(dates[i].text, &second) || second != dates[i].want)
            fail_msg("%s is %lld", dates[i].text, (long long)second);
    }
}

static void refuses_others(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(not_dates); i++) {
        int64_t second = -7;

        if (parse(not_dates[i], &second) || second != -7)
            fail_msg("\"%s\" is %lld", not_dates[i], (long long)second);
    }
}

static void refuses_what_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < 3; i++)
        for (size_t cut = 0; cut < strlen(dates[i].text); cut++) {
            char text[64] = "";
            int64_t second;

            memcpy(text, dates[i].text, cut);
            assert_false(parse(text, &second));
        }
}

static void agrees_with_the_writer(void **state)
{
    (void)state;
    for (int64_t want = 0; want < 5000000000; want += 86399 * 17) {
        char text[32];
        int64_t second = -1;

        seed__http_date_format(text, (time_t)want);
        assert_true(parse(text, &second));
        assert_int_equal(want, second);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_three_formats),
        cmocka_unit_test(refuses_others),
        cmocka_unit_test(refuses_what_is_cut),
        cmocka_unit_test(agrees_with_the_writer),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
