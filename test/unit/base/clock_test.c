/* SPDX-License-Identifier: MIT */
#include "base/clock.h"

#include <seed/async.h>

#include <locale.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static void never_goes_back(void **state)
{
    uint64_t last = seed__now();

    (void)state;
    assert_true(last > 0);
    for (int i = 0; i < 10000; i++) {
        uint64_t now = i % 2 ? seed_now() : seed__now();

        assert_true(now >= last);
        last = now;
    }
}

static const struct {
    long long second;
    const char *date;
} dates[] = {
    { 0, "Thu, 01 Jan 1970 00:00:00 GMT" },
    { 784111777, "Sun, 06 Nov 1994 08:49:37 GMT" }, /* RFC 9110 5.6.7 */
    { 951782400, "Tue, 29 Feb 2000 00:00:00 GMT" },
    { 1709251199, "Thu, 29 Feb 2024 23:59:59 GMT" },
    { 4294967296, "Sun, 07 Feb 2106 06:28:16 GMT" },
    { -1, "Wed, 31 Dec 1969 23:59:59 GMT" },
    { 253402300799, "Fri, 31 Dec 9999 23:59:59 GMT" },
    { 253402300800, "Fri, 31 Dec 9999 23:59:59 GMT" },
    { -62167219200, "Sat, 01 Jan 0000 00:00:00 GMT" },
    { -62167219201, "Sat, 01 Jan 0000 00:00:00 GMT" },
};

static void formats_dates(void **state)
{
    char text[32];

    (void)state;
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        seed__http_date_format(text, (time_t)dates[i].second);
        assert_string_equal(text, dates[i].date);
    }
}

/* strftime() agrees in the C locale; every day of 40 years. */
static void agrees_with_the_library(void **state)
{
    char got[32], want[32];

    (void)state;
    for (int day = 0; day < 365 * 40; day++) {
        time_t second = (time_t)day * 86400 + day;

        strftime(want, sizeof want, "%a, %d %b %Y %H:%M:%S GMT",
            gmtime(&second));
        seed__http_date_format(got, second);
        assert_string_equal(got, want);
    }
}

static void formats_once_a_second(void **state)
{
    struct http_date date = { 0, "" };
    const char *text = seed__http_date(&date);
    time_t now = time(NULL);

    (void)state;
    assert_ptr_equal(text, date.text);
    assert_int_equal(strlen(text), 29);
    assert_true(now - date.second <= 1);

    /* What stands there for this second is not written again. */
    for (int i = 0; i < 3; i++) {
        time_t second = date.second;

        strcpy(date.text, "cached");
        if (seed__http_date(&date) && date.second == second) {
            assert_string_equal(date.text, "cached");
            break;
        }
    }
    date.second = 1;
    assert_int_equal(strlen(seed__http_date(&date)), 29);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(never_goes_back),
        cmocka_unit_test(formats_dates),
        cmocka_unit_test(agrees_with_the_library),
        cmocka_unit_test(formats_once_a_second),
    };

    setlocale(LC_ALL, "C");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
