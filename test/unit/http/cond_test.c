/* SPDX-License-Identifier: MIT */
#include "http/cond.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

enum { NOW = 1767225600 };

static struct str text_of(const char *text)
{
    return (struct str){text, text ? strlen(text) : 0};
}

static const struct {
    const char *text;
    bool valid;
} tags[] = {
    {"\"\"", true},      {"\"a\"", true},      {"W/\"a\"", true},
    {"\"a,b\"", true},   {"\"a\\b\"", true},   {"\"\xc3\xbc\"", true},
    {"\"!~\"", true},    {"", false},          {"a", false},
    {"\"", false},       {"\"a", false},       {"a\"", false},
    {"w/\"a\"", false},  {"W/a", false},       {"W/", false},
    {"W \"a\"", false},  {"\"a b\"", false},   {"\"a\"\"", false},
    {"\"a\tb\"", false}, {"\"a\x7f\"", false}, {" \"a\"", false},
    {"*", false},
};

static void judges_tags(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(tags); i++)
        if (seed__etag_valid(text_of(tags[i].text)) != tags[i].valid)
            fail_msg("%s", tags[i].text);
}

/* RFC 9110, 8.8.3.2 has the first eight lines as its table. */
static const struct {
    const char *list, *etag;
    enum cond_match strong, weak;
} matches[] = {
    {"W/\"1\"", "W/\"1\"", COND_DIFFERS, COND_MATCHES},
    {"W/\"1\"", "W/\"2\"", COND_DIFFERS, COND_DIFFERS},
    {"W/\"1\"", "\"1\"", COND_DIFFERS, COND_MATCHES},
    {"\"1\"", "\"1\"", COND_MATCHES, COND_MATCHES},
    {"\"1\"", "W/\"1\"", COND_DIFFERS, COND_MATCHES},
    {"\"1\"", "\"2\"", COND_DIFFERS, COND_DIFFERS},
    {"\"a\"", "\"A\"", COND_DIFFERS, COND_DIFFERS},
    {"\"a\"", "\"ab\"", COND_DIFFERS, COND_DIFFERS},
    {"*", "\"1\"", COND_MATCHES, COND_MATCHES},
    {" * ", "\"1\"", COND_MATCHES, COND_MATCHES},
    {"\"*\"", "\"1\"", COND_DIFFERS, COND_DIFFERS},
    {"\"1\", \"2\"", "\"2\"", COND_MATCHES, COND_MATCHES},
    {"\"1\",\"2\"", "\"2\"", COND_MATCHES, COND_MATCHES},
    {"\"1\" ,\t\"2\" ", "\"2\"", COND_MATCHES, COND_MATCHES},
    {", ,\"1\",, \"2\" ,", "\"2\"", COND_MATCHES, COND_MATCHES},
    {"\"a,b\"", "\"a,b\"", COND_MATCHES, COND_MATCHES},
    {"\"a,b\"", "\"b\"", COND_DIFFERS, COND_DIFFERS},
    {"W/\"1\", \"1\"", "\"1\"", COND_MATCHES, COND_MATCHES},
    {"", "\"1\"", COND_DIFFERS, COND_DIFFERS},
    {" , ", "\"1\"", COND_DIFFERS, COND_DIFFERS},
    {"\"1\"", NULL, COND_DIFFERS, COND_DIFFERS},
    {"1", "1", COND_MALFORMED, COND_MALFORMED},
    {"\"1\"", "1", COND_DIFFERS, COND_DIFFERS},
    {"\"1\" \"2\"", "\"1\"", COND_MALFORMED, COND_MALFORMED},
    {"\"1\", x", "\"1\"", COND_MALFORMED, COND_MALFORMED},
    {"*, \"1\"", "\"1\"", COND_MALFORMED, COND_MALFORMED},
    {"\"1\", *", "\"1\"", COND_MALFORMED, COND_MALFORMED},
    {"\"1\"; \"2\"", "\"1\"", COND_MALFORMED, COND_MALFORMED},
    {"\"1", "\"1\"", COND_MALFORMED, COND_MALFORMED},
    {"W/", "\"1\"", COND_MALFORMED, COND_MALFORMED},
};

/* The list in memory of its own size, so that reading too far is seen. */
static enum cond_match match(const char *list, const char *etag, bool strong)
{
    size_t length = strlen(list);
    char *copy = malloc(length + !length);
    enum cond_match result;

    memcpy(copy, list, length);
    result = seed__cond_match((struct str){copy, length}, text_of(etag), true,
        strong);
    free(copy);
    return result;
}

static void compares_lists(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(matches); i++) {
        if (match(matches[i].list, matches[i].etag, true) != matches[i].strong)
            fail_msg("strong: %s", matches[i].list);
        if (match(matches[i].list, matches[i].etag, false) != matches[i].weak)
            fail_msg("weak: %s", matches[i].list);
    }
}

static void star_wants_something_there(void **state)
{
    (void)state;
    assert_int_equal(COND_DIFFERS,
        seed__cond_match(STR("*"), text_of(NULL), false, true));
    assert_int_equal(COND_MATCHES,
        seed__cond_match(STR("*"), text_of(NULL), true, true));
}

#define OLD "Sun, 06 Nov 1994 08:49:36 GMT"
#define SAME "Sun, 06 Nov 1994 08:49:37 GMT"
#define NEW "Sun, 06 Nov 1994 08:49:38 GMT"

/* What is there is "1" of SAME, unless the line says otherwise. */
enum there { BOTH, TAG, DATE, WEAK, NOTHING, ODD_DATE };

static const struct validators there[] = {
    [BOTH] = {{"\"1\"", 3}, {SAME, 29}},
    [TAG] = {{"\"1\"", 3}, {NULL, 0}},
    [DATE] = {{NULL, 0}, {SAME, 29}},
    [WEAK] = {{"W/\"1\"", 5}, {SAME, 29}},
    [NOTHING] = {{NULL, 0}, {NULL, 0}},
    [ODD_DATE] = {{NULL, 0}, {"yesterday", 9}},
};

static const struct {
    const char *what;
    enum there there;
    const char *match, *none_match, *modified, *unmodified;
    enum cond_verdict get, put;
} cases[] = {
    {"nothing asked", BOTH, 0, 0, 0, 0, COND_PROCEED, COND_PROCEED},
    {"nothing there", NOTHING, 0, 0, 0, 0, COND_PROCEED, COND_PROCEED},

    {"If-Match holds", BOTH, "\"1\"", 0, 0, 0, COND_PROCEED, COND_PROCEED},
    {"If-Match fails", BOTH, "\"2\"", 0, 0, 0, COND_FAILED, COND_FAILED},
    {"If-Match is strong", WEAK, "W/\"1\"", 0, 0, 0, COND_FAILED,
        COND_FAILED},
    {"If-Match: *", BOTH, "*", 0, 0, 0, COND_PROCEED, COND_PROCEED},
    {"If-Match: *, only a date", DATE, "*", 0, 0, 0, COND_PROCEED,
        COND_PROCEED},
    {"If-Match: *, nothing there", NOTHING, "*", 0, 0, 0, COND_FAILED,
        COND_FAILED},
    {"If-Match malformed", BOTH, "1", 0, 0, 0, COND_FAILED, COND_FAILED},
    {"If-Match empty", BOTH, "", 0, 0, 0, COND_FAILED, COND_FAILED},

    {"If-None-Match differs", BOTH, 0, "\"2\"", 0, 0, COND_PROCEED,
        COND_PROCEED},
    {"If-None-Match is there", BOTH, 0, "\"1\"", 0, 0, COND_NOT_MODIFIED,
        COND_FAILED},
    {"If-None-Match is weak", BOTH, 0, "W/\"1\"", 0, 0, COND_NOT_MODIFIED,
        COND_FAILED},
    {"If-None-Match: *", BOTH, 0, "*", 0, 0, COND_NOT_MODIFIED, COND_FAILED},
    {"If-None-Match: *, nothing", NOTHING, 0, "*", 0, 0, COND_PROCEED,
        COND_PROCEED},
    {"If-None-Match malformed", BOTH, 0, "1", 0, 0, COND_PROCEED,
        COND_FAILED},

    {"modified since", BOTH, 0, 0, OLD, 0, COND_PROCEED, COND_PROCEED},
    {"not modified since", BOTH, 0, 0, SAME, 0, COND_NOT_MODIFIED,
        COND_PROCEED},
    {"older than since", BOTH, 0, 0, NEW, 0, COND_NOT_MODIFIED,
        COND_PROCEED},
    {"since, RFC 850", BOTH, 0, 0, "Sunday, 06-Nov-94 08:49:37 GMT", 0,
        COND_NOT_MODIFIED, COND_PROCEED},
    {"since is no date", BOTH, 0, 0, "now", 0, COND_PROCEED, COND_PROCEED},
    {"since twice", BOTH, 0, 0, SAME ", " SAME, 0, COND_PROCEED,
        COND_PROCEED},
    {"since, no date there", TAG, 0, 0, SAME, 0, COND_PROCEED, COND_PROCEED},
    {"since, odd date there", ODD_DATE, 0, 0, SAME, 0, COND_PROCEED,
        COND_PROCEED},

    {"unmodified since", BOTH, 0, 0, 0, SAME, COND_PROCEED, COND_PROCEED},
    {"modified since then", BOTH, 0, 0, 0, OLD, COND_FAILED, COND_FAILED},
    {"unmodified is no date", BOTH, 0, 0, 0, "x", COND_PROCEED,
        COND_PROCEED},
    {"unmodified, no date there", TAG, 0, 0, 0, OLD, COND_PROCEED,
        COND_PROCEED},

    {"If-Match before the date", BOTH, "\"1\"", 0, 0, OLD, COND_PROCEED,
        COND_PROCEED},
    {"If-Match fails, date holds", BOTH, "\"2\"", 0, 0, NEW, COND_FAILED,
        COND_FAILED},
    {"none-match before the date", BOTH, 0, "\"2\"", SAME, 0, COND_PROCEED,
        COND_PROCEED},
    {"none-match is there, date old", BOTH, 0, "\"1\"", OLD, 0,
        COND_NOT_MODIFIED, COND_FAILED},
    {"If-Match holds, none-match", BOTH, "\"1\"", "\"1\"", 0, 0,
        COND_NOT_MODIFIED, COND_FAILED},
    {"If-Match fails, none-match", BOTH, "\"2\"", "\"1\"", 0, 0, COND_FAILED,
        COND_FAILED},
    {"If-Match holds, not modified", BOTH, "\"1\"", 0, SAME, 0,
        COND_NOT_MODIFIED, COND_PROCEED},
    {"both dates", BOTH, 0, 0, SAME, SAME, COND_NOT_MODIFIED, COND_PROCEED},
};

static void judges_in_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct cond cond = {
            .get_or_head = true,
            .if_match = text_of(cases[i].match),
            .if_none_match = text_of(cases[i].none_match),
            .if_modified_since = text_of(cases[i].modified),
            .if_unmodified_since = text_of(cases[i].unmodified),
        };
        const struct validators *now_there = &there[cases[i].there];

        if (seed__cond_judge(&cond, now_there, NOW) != cases[i].get)
            fail_msg("GET: %s", cases[i].what);
        cond.get_or_head = false;
        if (seed__cond_judge(&cond, now_there, NOW) != cases[i].put)
            fail_msg("PUT: %s", cases[i].what);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_tags),
        cmocka_unit_test(compares_lists),
        cmocka_unit_test(star_wants_something_there),
        cmocka_unit_test(judges_in_order),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
