/* SPDX-License-Identifier: MIT */
#include "route/pattern.h"

#include <seed/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

static struct arena arena;

static int start(void **state)
{
    (void)state;
    seed__arena_init(&arena, NULL, 0);
    return 0;
}

static int stop(void **state)
{
    (void)state;
    seed__arena_clear(&arena, NULL, 0);
    return 0;
}

static struct pattern *parse(const char *text)
{
    struct pattern *pattern = NULL;
    const char *why = NULL;

    assert_int_equal(seed__pattern_parse(&pattern, text, &arena, &why), 0);
    assert_null(why);
    return pattern;
}

/* Segments as "prefix<name>after<name>after", "*" for the wildcard. */
static const struct {
    const char *text, *want;
} shapes[] = {
    { "/", "/" },
    { "//a/", "//a/" },
    { "/users/:id", "/users/<id>" },
    { "/u:id.json/x", "/u<id>.json/x" },
    { "/at/:lat,:lon", "/at/<lat>,<lon>" },
    { "/:a--:b::x/y::/*", "/<a>--<b>:x/y:/*" },
};

static void write_down(const struct pattern *pattern, char *out, size_t room)
{
    const struct str *name = pattern->names;
    size_t used = 0;

    for (unsigned i = 0; i < pattern->count; i++) {
        const struct segment *segment = &pattern->segments[i];

        used += (size_t)snprintf(out + used, room - used, "/%.*s%s",
            (int)segment->prefix.length, segment->prefix.at,
            segment->wild ? "*" : "");
        name += segment->wild;
        for (unsigned p = 0; p < segment->params; p++, name++)
            used += (size_t)snprintf(out + used, room - used, "<%s>%.*s",
                name->at, (int)segment->after[p].length,
                segment->after[p].at);
    }
    assert_int_equal(name - pattern->names, pattern->params);
}

static void takes_patterns_apart(void **state)
{
    char got[128];

    (void)state;
    for (size_t i = 0; i < COUNT(shapes); i++) {
        write_down(parse(shapes[i].text), got, sizeof got);
        assert_string_equal(got, shapes[i].want);
    }
}

static const struct {
    const char *text, *why;
} faults[] = {
    { NULL, "a pattern starts with '/'" },
    { "", "a pattern starts with '/'" },
    { "*", "a pattern starts with '/'" },
    { "users", "a pattern starts with '/'" },
    { "/a/:", "a parameter has no name" },
    { "/:a/:b/:a", "it has the same parameter twice" },
    { "/:a-:a", "it has the same parameter twice" },
    { "/a?b", "it has a blank, a control character, '?' or '#'" },
};

static void says_what_is_wrong(void **state)
{
    struct pattern *pattern;
    const char *why;

    (void)state;
    for (size_t i = 0; i < COUNT(faults); i++) {
        why = NULL;
        assert_int_equal(
            seed__pattern_parse(&pattern, faults[i].text, &arena, &why),
            SEED_EPATTERN);
        assert_string_equal(why, faults[i].why);
    }
}

static const char *fault_of(const char *text)
{
    struct pattern *pattern;
    const char *why = NULL;

    seed__pattern_parse(&pattern, text, &arena, &why);
    return why;
}

static void bounds_patterns(void **state)
{
    char text[1024] = "", many[1024] = "/";

    (void)state;
    for (int i = 0; i < PATTERN_DEPTH; i++)
        strcat(text, "/a");
    assert_null(fault_of(text));
    strcat(text, "/a");
    assert_string_equal(fault_of(text), "it has more than 64 segments");

    for (int i = 0; i < PATTERN_PARAMS; i++)
        sprintf(many + strlen(many), ":p%d-", i);
    assert_null(fault_of(many));
    strcat(many, ":more");
    assert_string_equal(fault_of(many), "it has more than 64 parameters");
}

/* Values are written "a|b"; NULL: no match. */
static const struct {
    const char *segment, *text, *want;
} matches[] = {
    { "/abc", "abc", "" },
    { "/abc", "abcd", NULL },
    { "/abc", "ab", NULL },
    { "/abc", "Abc", NULL },
    { "/", "", "" },
    { "/:a", "x", "x" },
    { "/:a", "", NULL },
    { "/v:a", "v1", "1" },
    { "/v:a", "v", NULL },
    { "/:a.json", "x.json", "x" },
    { "/:a.json", ".json", NULL },
    { "/:a.json", "x.json.json", "x.json" },
    { "/:a-:b", "x-y", "x|y" },
    { "/:a-:b", "x-y-z", "x|y-z" },
    { "/:a-:b", "x-", NULL },
    { "/:a-:b", "-y", NULL },
    { "/:a-:b", "--y", "-|y" },
    { "/:a-:b", "---", "-|-" },
    { "/:a-:b", "--", NULL },
    { "/:a-:b-:c", "1-2-3-4", "1|2|3-4" },
    { "/:a-:b.x", "1-2-3.x", "1|2-3" },
    { "/:a-:b-x", "1-2-x-x", "1|2-x" },
    { "/:a-:b-", "1-2-", "1|2" },
    { "/:a-:b-", "1--", NULL },
    { "/:a--:b", "1---2", "1|-2" },
    { "/p:a--", "p--", NULL },
    { "/p--:a", "p--", NULL },
};

static void matches_segments(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(matches); i++) {
        struct pattern *pattern = parse(matches[i].segment);
        struct str text = seed__str(matches[i].text);
        struct param params[4] = { 0 };
        char got[64] = "";
        bool matched =
            seed__segment_match(pattern->segments, text, params);

        assert_int_equal(matched,
            seed__segment_match(pattern->segments, text, NULL));
        if (matched != (matches[i].want != NULL))
            fail_msg("%s on %s", matches[i].segment, matches[i].text);
        for (unsigned p = 0; matched && p < pattern->params; p++)
            sprintf(got + strlen(got), "%s%.*s", p ? "|" : "",
                (int)params[p].value.length, params[p].value.at);
        if (matched)
            assert_string_equal(got, matches[i].want);
    }
}

/* Each is tried before the next. */
static const char *order[] = { "/:a-abc", "/:a-x-:b", "/:a-:b-:c", "/:a-:b-",
    "/:a-:b", "/:a.:b", "/:a-", "/:a" };

static int sign(int number)
{
    return (number > 0) - (number < 0);
}

static void orders_segments(void **state)
{
    (void)state;
    for (int i = 0; i < (int)COUNT(order); i++) {
        for (int j = 0; j < (int)COUNT(order); j++) {
            int got = seed__segment_compare(parse(order[i])->segments,
                parse(order[j])->segments);

            if (sign(got) != sign(i - j))
                fail_msg("%s and %s: %d", order[i], order[j], got);
        }
    }
    assert_int_equal(seed__segment_compare(parse("/:x-:y")->segments,
                         parse("/:a-:b")->segments), 0);
}

#define CASE(test) cmocka_unit_test_setup_teardown(test, start, stop)

int main(void)
{
    const struct CMUnitTest tests[] = {
        CASE(takes_patterns_apart),
        CASE(says_what_is_wrong),
        CASE(bounds_patterns),
        CASE(matches_segments),
        CASE(orders_segments),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
