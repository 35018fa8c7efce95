/* SPDX-License-Identifier: MIT */
/* Each format is a line of letters that the text is walked along:
 *
 *     a A  the short, the long name of a day   b  the name of a month
 *     d    two digits of the day               e  the same, or blank digit
 *     Y y  four, two digits of the year        T  "08:49:37"
 *
 * and anything else stands for itself. */
#include "http/date.h"

#include <assert.h>

#include <string.h>

static const char *const formats[] = {
    "a, d b Y T GMT", /* Sun, 06 Nov 1994 08:49:37 GMT  (IMF-fixdate) */
    "A, d-b-y T GMT", /* Sunday, 06-Nov-94 08:49:37 GMT (RFC 850)     */
    "a b e T Y",      /* Sun Nov  6 08:49:37 1994       (asctime)     */
};

static const char *const days[] = {"Sunday", "Monday", "Tuesday", "Wednesday",
    "Thursday", "Friday", "Saturday"};
static const char months[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

struct date {
    int year, month, day; /* month and day from 1 on */
    int hour, minute, second;
    bool short_year;
};

static bool take(struct str *text, const char *want, size_t length)
{
    if (text->length < length || memcmp(text->at, want, length) != 0)
        return false;

    text->at += length;
    text->length -= length;
    return true;
}

static bool take_digits(struct str *text, int count, int *number)
{
    int sum = 0;

    if (text->length < (size_t)count)
        return false;
    for (int i = 0; i < count; i++) {
        if (text->at[i] < '0' || text->at[i] > '9')
            return false;
        sum = 10 * sum + (text->at[i] - '0');
    }
    text->at += count;
    text->length -= (size_t)count;
    *number = sum;
    return true;
}

static bool take_day_name(struct str *text, bool whole)
{
    for (size_t i = 0; i < COUNT(days); i++)
        if (take(text, days[i], whole ? strlen(days[i]) : 3))
            return true;
    return false;
}

static bool take_month(struct str *text, int *month)
{
    for (int i = 0; i < 12; i++)
        if (take(text, months + 3 * i, 3)) {
            *month = i + 1;
            return true;
        }
    return false;
}

static bool take_time(struct str *text, struct date *date)
{
    return take_digits(text, 2, &date->hour) && take(text, ":", 1)
        && take_digits(text, 2, &date->minute) && take(text, ":", 1)
        && take_digits(text, 2, &date->second);
}

static bool take_part(struct str *text, const char *letter, struct date *date)
{
    switch (*letter) {
    case 'a':
        return take_day_name(text, false);
    case 'A':
        return take_day_name(text, true);
    case 'b':
        return take_month(text, &date->month);
    case 'd':
        return take_digits(text, 2, &date->day);
    case 'e':
        return take_digits(text, take(text, " ", 1) ? 1 : 2, &date->day);
    case 'Y':
        return take_digits(text, 4, &date->year);
    case 'y':
        date->short_year = true;
        return take_digits(text, 2, &date->year);
    case 'T':
        return take_time(text, date);
    default:
        return take(text, letter, 1);
    }
}

/* "GMT" ends with a letter that is no part's, but 'T' is one: the zone is
 * taken as a word. */
static bool follow(const char *format, struct str text, struct date *date)
{
    for (; *format; format++) {
        if (strcmp(format, "GMT") == 0)
            return text.length == 3 && take(&text, "GMT", 3);
        if (!take_part(&text, format, date))
            return false;
    }
    return text.length == 0;
}

static bool leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Second 60 is a leap second (RFC 9110 takes its grammar from RFC 5322). */
static bool possible(const struct date *date)
{
    static const int lengths[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30,
        31};
    int length;

    assert(date->month); /* each of the formats has one */
    length = lengths[date->month - 1];
    if (date->month == 2 && leap(date->year))
        length = 29;
    return date->day >= 1 && date->day <= length && date->hour <= 23
        && date->minute <= 59 && date->second <= 60;
}

/* Days from 1970-01-01 in the Gregorian calendar. Years are counted from
 * March, so that a leap day is the last of its year. */
static int64_t days_since_1970(int64_t year, int month, int day)
{
    int64_t from_march = (month + 9) % 12;
    int64_t in_year = (153 * from_march + 2) / 5 + day - 1;

    if (month <= 2)
        year--;
    return 365 * year + year / 4 - year / 100 + year / 400 + in_year - 719468;
}

static int64_t seconds_of(const struct date *date)
{
    return 86400 * days_since_1970(date->year, date->month, date->day)
        + 3600 * date->hour + 60 * date->minute + date->second;
}

/* RFC 9110, 5.6.7: a date that seems to be more than 50 years ahead is the
 * most recent past year with the same two digits. */
static int whole_year(int short_year, int64_t now)
{
    int this_year = 1970 + (int)(now / 31556952);
    int year = this_year - this_year % 100 + short_year;

    if (year > this_year + 50)
        return year - 100;
    return year + 50 <= this_year ? year + 100 : year;
}

bool seed__date_parse(struct str text, int64_t now, int64_t *second)
{
    for (size_t i = 0; i < COUNT(formats); i++) {
        struct date date = {0};

        if (!follow(formats[i], text, &date))
            continue;
        if (date.short_year)
            date.year = whole_year(date.year, now);
        if (!possible(&date))
            return false;
        *second = seconds_of(&date);
        return true;
    }
    return false;
}
