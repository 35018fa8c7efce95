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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_is_found),
        cmocka_unit_test(has_room_for_so_many),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
