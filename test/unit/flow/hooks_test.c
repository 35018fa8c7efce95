/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/error.h>

static char said[4096];
static unsigned lines;

static void hear(const char *line, void *ctx)
{
    assert_ptr_equal(said, ctx);
    lines++;
    strncat(said, line, sizeof said - strlen(said) - 2);
    strcat(said, "\n");
}

static void hook(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

static void other_hook(const seed_event *event, void *ctx)
{
    (void)event;
    (void)ctx;
}

static void begin(struct hooks *hooks, size_t limit)
{
    said[0] = '\0';
    lines = 0;
    seed__hooks_init(hooks, limit, hear, said);
}

static void add(struct hooks *hooks, enum seed_on on, int times)
{
    for (int i = 0; i < times; i++)
        assert_int_equal(0, seed__hooks_add(hooks, on, hook, NULL, "hook",
            "app.c", 42));
}

static void adds_and_removes(void **state)
{
    struct hooks hooks;
    int one, two;

    (void)state;
    begin(&hooks, 10);
    assert_int_equal(0, seed__hooks_count(&hooks, SEED_ON_PRE));
    seed__hooks_add(&hooks, SEED_ON_PRE, hook, &one, "hook", "a.c", 1);
    seed__hooks_add(&hooks, SEED_ON_PRE, other_hook, &one, "o", "a.c", 2);
    seed__hooks_add(&hooks, SEED_ON_PRE, hook, &one, "hook", "a.c", 3);
    seed__hooks_add(&hooks, SEED_ON_PRE, hook, &two, "hook", "a.c", 4);
    assert_int_equal(4, seed__hooks_count(&hooks, SEED_ON_PRE));
    assert_int_equal(0, seed__hooks_count(&hooks, SEED_ON_AFTER));

    /* The newest one with this function and context. */
    assert_int_equal(0, seed__hooks_remove(&hooks, SEED_ON_PRE, hook, &one));
    assert_int_equal(3, seed__hooks_count(&hooks, SEED_ON_PRE));
    assert_int_equal(1, hooks.lists[SEED_ON_PRE].entries[0].site->line);
    assert_int_equal(4, hooks.lists[SEED_ON_PRE].entries[2].site->line);
    assert_int_equal(SEED_EINVAL, seed__hooks_remove(&hooks, SEED_ON_PRE,
        other_hook, &two));
    assert_int_equal(SEED_EINVAL, seed__hooks_remove(&hooks, SEED_ON_AFTER,
        hook, &one));
    seed__hooks_clear(&hooks);
}

/* One line of code is one site, however often it adds. */
static void makes_one_site_a_line(void **state)
{
    struct hooks hooks;
    const seed_site *site;

    (void)state;
    begin(&hooks, 100);
    add(&hooks, SEED_ON_AFTER, 50);
    site = hooks.lists[SEED_ON_AFTER].entries[0].site;
    for (int i = 1; i < 50; i++)
        assert_ptr_equal(site, hooks.lists[SEED_ON_AFTER].entries[i].site);
    assert_string_equal("after", site->kind);
    assert_string_equal("hook", site->function);
    assert_string_equal("app.c", site->file);
    assert_int_equal(42, site->line);
    assert_true((void (*)(void))hook
        == (void (*)(void))(uintptr_t)site->address);

    add(&hooks, SEED_ON_PRE, 1);
    assert_true(site != hooks.lists[SEED_ON_PRE].entries[0].site);
    seed__hooks_add(&hooks, SEED_ON_AFTER, other_hook, NULL, "o", "app.c",
        42);
    assert_true(site != hooks.lists[SEED_ON_AFTER].entries[50].site);
    seed__hooks_clear(&hooks);
}

static void warns_once_a_list(void **state)
{
    struct hooks hooks;

    (void)state;
    unsetenv("SEED_TRACE_WARNINGS");
    begin(&hooks, 10);
    add(&hooks, SEED_ON_AFTER, 10);
    assert_int_equal(0, lines);
    add(&hooks, SEED_ON_AFTER, 1);
    assert_int_equal(2, lines);
    assert_has(said, "MaxListenersExceededWarning: Possible hook leak "
        "detected. 11 after hooks added to the server, 11 of them hook at "
        "app.c:42. Use seed_set_max_hooks() to raise the limit of 10.");
    assert_has(said, "SEED_TRACE_WARNINGS=1");
    add(&hooks, SEED_ON_AFTER, 100);
    assert_int_equal(2, lines);
    add(&hooks, SEED_ON_BAD_REQUEST, 11);
    assert_has(said, "11 bad request hooks added");
    assert_int_equal(4, lines);
    seed__hooks_clear(&hooks);
}

static void warns_at_its_limit(void **state)
{
    static const struct {
        size_t limit;
        int adds;
        unsigned lines;
    } cases[] = {
        { 1, 1, 0 }, { 1, 2, 2 }, { 3, 3, 0 }, { 3, 4, 2 },
        { SEED_UNLIMITED, 1000, 0 },
    };

    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct hooks hooks;

        begin(&hooks, cases[i].limit);
        add(&hooks, SEED_ON_SEND, cases[i].adds);
        assert_int_equal(cases[i].lines, lines);
        seed__hooks_clear(&hooks);
    }
}

/* What was taken away does not count. */
static void counts_members_only(void **state)
{
    struct hooks hooks;

    (void)state;
    begin(&hooks, 10);
    add(&hooks, SEED_ON_PRE, 10);
    hooks.lists[SEED_ON_PRE].emitting = 1;
    for (int i = 0; i < 5; i++)
        seed__hooks_remove(&hooks, SEED_ON_PRE, hook, NULL);
    assert_int_equal(5, seed__hooks_count(&hooks, SEED_ON_PRE));
    add(&hooks, SEED_ON_PRE, 5);
    assert_int_equal(0, lines);
    add(&hooks, SEED_ON_PRE, 1);
    assert_has(said, " 11 pre hooks added to the server, 11 of them ");
    seed__hooks_clear(&hooks);
}

static void traces_when_asked(void **state)
{
    struct hooks hooks;

    (void)state;
    setenv("SEED_TRACE_WARNINGS", "1", 1);
    begin(&hooks, 1);
    add(&hooks, SEED_ON_PRE, 2);
    assert_has(said, "\n    at ");
    assert_lacks(said, "SEED_TRACE_WARNINGS");
    seed__hooks_clear(&hooks);
    unsetenv("SEED_TRACE_WARNINGS");
}

static void copies_lists(void **state)
{
    struct hooks from, to;

    (void)state;
    begin(&from, 10);
    add(&from, SEED_ON_AFTER, 11);
    add(&from, SEED_ON_PRE, 3);
    said[0] = '\0';
    lines = 0;
    assert_int_equal(0, seed__hooks_copy(&to, &from));
    assert_int_equal(11, seed__hooks_count(&to, SEED_ON_AFTER));
    assert_int_equal(3, seed__hooks_count(&to, SEED_ON_PRE));
    assert_ptr_equal(from.lists[SEED_ON_PRE].entries[2].site,
        to.lists[SEED_ON_PRE].entries[2].site);
    add(&to, SEED_ON_AFTER, 1); /* warned of already */
    assert_int_equal(0, lines);
    add(&to, SEED_ON_PRE, 8);
    assert_int_equal(2, lines);
    assert_int_equal(3, seed__hooks_count(&from, SEED_ON_PRE));
    seed__hooks_clear(&to);
    seed__hooks_clear(&from);
}

static void names_every_event(void **state)
{
    (void)state;
    for (enum seed_on on = 0; on < SEED_ON_COUNT; on++)
        assert_true(*seed__hook_name(on) != '\0');
}

static void survives_without_memory(void **state)
{
    struct hooks from, to;

    (void)state;
    begin(&from, 10);
    add(&from, SEED_ON_PRE, 9);
    add(&from, SEED_ON_AFTER, 1);
    for (long n = 1; n < 6; n++) {
        int err;

        atomic_store(&life_memory.fail_in, n);
        err = seed__hooks_copy(&to, &from);
        assert_int_equal(n < 5 ? SEED_ENOMEM : 0, err);
        atomic_store(&life_memory.fail_in, 0);
        seed__hooks_clear(&to);
    }
    for (long n = 1; n < 3; n++) {
        atomic_store(&life_memory.fail_in, n);
        assert_int_equal(SEED_ENOMEM, seed__hooks_add(&from, SEED_ON_SEND,
            hook, NULL, "hook", "new.c", (int)n));
        assert_int_equal(0, seed__hooks_count(&from, SEED_ON_SEND));
    }
    atomic_store(&life_memory.fail_in, 0);
    seed__hooks_clear(&from);
    assert_int_equal(0, atomic_load(&life_memory.living));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(adds_and_removes),
        cmocka_unit_test(makes_one_site_a_line),
        cmocka_unit_test(warns_once_a_list),
        cmocka_unit_test(warns_at_its_limit),
        cmocka_unit_test(counts_members_only),
        cmocka_unit_test(traces_when_asked),
        cmocka_unit_test(copies_lists),
        cmocka_unit_test(names_every_event),
        cmocka_unit_test(survives_without_memory),
    };

    return cmocka_run_group_tests_name("flow/hooks", tests, life_count_memory,
        NULL);
}
