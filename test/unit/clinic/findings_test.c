/* SPDX-License-Identifier: MIT */
#include "clinic/findings.h"

#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static struct findings findings;

static void keeps_what_is_found(void **state)
{
    struct finding *found;
    char culprit[300];

    (void)state;
    findings.count = 0;
    assert_null(seed__findings_have(&findings, "L1"));
    found = seed__finding_new(&findings, "L1", SEED_ISSUE, 1.7);
    assert_ptr_equal(found, seed__findings_have(&findings, "L1"));
    assert_string_equal("event-loop", found->category);
    assert_string_equal("Listener leak", found->title);
    assert_true(found->share <= 1);
    assert_non_null(found->next[0]);
    assert_string_equal("", seed__finding_culprit(found, culprit,
        sizeof culprit));

    seed__finding_blame(found, &(struct span_fact){ .kind = "route",
        .function = "f", .file = "a.c", .line = 3, .method = "GET",
        .pattern = "/x" });
    assert_string_equal("f (a.c:3)", seed__finding_culprit(found, culprit,
        sizeof culprit));
    assert_string_equal("GET /x", found->route);
}

/* What a server leaks is mostly held by a table of its own. */
static void asks_for_what_is_reachable(void **state)
{
    struct finding *found;

    (void)state;
    findings.count = 0;
    found = seed__finding_new(&findings, "M1", SEED_ISSUE, 0);
    assert_non_null(strstr(found->next[0], "--show-leak-kinds=all"));
}

static void has_room_for_so_many(void **state)
{
    struct finding *found = NULL;

    (void)state;
    findings.count = 0;
    for (int i = 0; i < FINDINGS + 3; i++)
        found = seed__finding_new(&findings, "A1", SEED_NOTE, 0);
    assert_int_equal(FINDINGS, findings.count);
    for (int i = 0; i < EVIDENCE + 3; i++)
        seed__finding_evidence(found, "line %d", i);
    assert_string_equal("line 0", found->evidence[0]);
    assert_string_equal("line 7", found->evidence[EVIDENCE - 1]);
}

/* Of issues those first that explain most of the loop's busy time; a share of
 * something else is no weight, however large. */
static void ranks_what_can_be_compared(void **state)
{
    static const char *const ranked[] = { "E1", "M1", "A1", "H1", "I1", "S1",
        "M2", "H2", "C1", "E2" };

    (void)state;
    findings.count = 0;
    seed__finding_new(&findings, "E2", SEED_NOTE, 1);
    seed__finding_new(&findings, "C1", SEED_NOTE, 0.3);
    seed__finding_new(&findings, "S1", SEED_ISSUE, 0.9);
    seed__finding_new(&findings, "I1", SEED_ISSUE, 0.99);
    seed__finding_new(&findings, "A1", SEED_ISSUE, 0.1);
    seed__finding_new(&findings, "H2", SEED_WARNING, 0);
    seed__finding_new(&findings, "M2", SEED_WARNING, 0.2);
    seed__finding_new(&findings, "M1", SEED_ISSUE, 0.2);
    seed__finding_new(&findings, "H1", SEED_ISSUE, 0);
    seed__finding_new(&findings, "E1", SEED_ISSUE, 0.5);
    seed__findings_rank(&findings);
    assert_int_equal(sizeof ranked / sizeof *ranked, findings.count);
    for (size_t i = 0; i < findings.count; i++)
        assert_string_equal(ranked[i], findings.list[i].id);
}

/* Of two of a kind the larger, then the earlier one. */
static void ranks_those_of_a_kind(void **state)
{
    static const int lines[] = { 2, 1, 3 };

    (void)state;
    findings.count = 0;
    seed__finding_new(&findings, "L1", SEED_ISSUE, 0.2)->line = 1;
    seed__finding_new(&findings, "L1", SEED_ISSUE, 0.3)->line = 2;
    seed__finding_new(&findings, "L1", SEED_ISSUE, 0.2)->line = 3;
    seed__findings_rank(&findings);
    for (size_t i = 0; i < findings.count; i++)
        assert_int_equal(lines[i], findings.list[i].line);
}

/* What has no share says of nothing that it were one. */
static void says_of_what_a_share_is(void **state)
{
    static const char *const of[][2] = {
        { "L1", "the loop's time" }, { "E1", "the loop's time" },
        { "A1", "the loop's time" }, { "S1", "the requests" },
        { "M1", "the CPU samples, in malloc() and its kin" },
        { "M2", "the CPU samples, in malloc() and its kin" },
        { "C1", "the CPU samples, in the library" },
        { "I1", "the time, in which the loop was idle" },
        { "H1", "" }, { "H2", "" }, { "I2", "" }, { "U0", "" },
    };

    (void)state;
    findings.count = 0;
    for (size_t i = 0; i < sizeof of / sizeof *of; i++)
        assert_string_equal(of[i][1], seed__finding_new(&findings, of[i][0],
            SEED_NOTE, 0.5)->share_of);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_is_found),
        cmocka_unit_test(asks_for_what_is_reachable),
        cmocka_unit_test(has_room_for_so_many),
        cmocka_unit_test(ranks_what_can_be_compared),
        cmocka_unit_test(ranks_those_of_a_kind),
        cmocka_unit_test(says_of_what_a_share_is),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
