/* SPDX-License-Identifier: MIT */
#include "unit/clinic/sick.h"

#include <stdio.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct facts facts;
static struct findings findings;

static bool found(void)
{
    findings.count = 0;
    seed__rule_hot(&facts, &findings);
    return findings.count != 0;
}

static bool says(const char *words)
{
    for (size_t i = 0; i < EVIDENCE; i++)
        if (strstr(findings.list[0].evidence[i], words))
            return true;
    return false;
}

/* The article's fixed server. */
static void advises_as_the_article_does(void **state)
{
    static const char *const kinds[] = { "after", "use", "route" };
    static const double openssl[] = { 0.40, 0.05, 0 };
    static const double jansson[] = { 0.08, 0, 0.10 };

    (void)state;
    facts = well();
    assert_false(found());
    for (size_t i = 0; i < 3; i++) {
        facts.spans[i] = facts.spans[0];
        strcpy(facts.spans[i].kind, kinds[i]);
        snprintf(facts.spans[i].function, NAME_ROOM, "f%zu", i);
        facts.spans[i].openssl = openssl[i];
        facts.spans[i].jansson = jansson[i];
    }
    facts.span_count = 3;
    facts.looked = 200;
    facts.same_body = 190;
    assert_true(found());
    assert_int_equal(SEED_NOTE, findings.list[0].severity);
    assert_non_null(strstr(findings.list[0].sentence, "OpenSSL takes 45 %"));
    assert_string_equal("f0", findings.list[0].function);
    assert_true(says("f0 digests what was sent (40 %), the same in 95 of"));
    assert_true(says("f0 serialises what was sent again (8 %)"));
    assert_true(says("f1 hashes before there is an answer (5 %)"));
    assert_true(says("f2 builds a tree of values (10 %)"));
}

static void knows_304(void **state)
{
    (void)state;
    facts = well();
    facts.looked = facts.asked = facts.has_etag = 100;
    assert_true(found());
    assert_true(says("If-None-Match in 100 of 100 requests"));
    facts.not_modified = 1;
    assert_false(found());
}

static void a_leak_comes_first(void **state)
{
    (void)state;
    facts = leaking();
    facts.spans[0].openssl = 0.9;
    findings.count = 0;
    seed__rule_leak(&facts, &findings);
    seed__rule_hot(&facts, &findings);
    assert_int_equal(1, findings.count);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(advises_as_the_article_does),
        cmocka_unit_test(knows_304),
        cmocka_unit_test(a_leak_comes_first),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
