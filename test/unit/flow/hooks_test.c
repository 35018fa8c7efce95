/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/error.h>

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
    seed__hooks_init(hooks, limit);
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

/* What was taken away does not count, also while the list is walked. */
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
    add(&hooks, SEED_ON_PRE, 2);
    assert_int_equal(7, seed__hooks_count(&hooks, SEED_ON_PRE));
    assert_int_equal(7, seed__hooks_newest(&hooks, SEED_ON_PRE).same);
    seed__hooks_clear(&hooks);
}

/* Each line of code has its own number. */
static void counts_by_line(void **state)
{
    struct hooks hooks;

    (void)state;
    begin(&hooks, 10);
    add(&hooks, SEED_ON_AFTER, 3);
    assert_int_equal(3, seed__hooks_newest(&hooks, SEED_ON_AFTER).same);
    seed__hooks_add(&hooks, SEED_ON_AFTER, hook, &hooks, "hook", "app.c", 43);
    assert_int_equal(1, seed__hooks_newest(&hooks, SEED_ON_AFTER).same);
    assert_int_equal(43,
        seed__hooks_newest(&hooks, SEED_ON_AFTER).site->line);
    add(&hooks, SEED_ON_AFTER, 1);
    assert_int_equal(4, seed__hooks_newest(&hooks, SEED_ON_AFTER).same);
    seed__hooks_remove(&hooks, SEED_ON_AFTER, hook, &hooks);
    seed__hooks_remove(&hooks, SEED_ON_AFTER, hook, NULL);
    add(&hooks, SEED_ON_PRE, 1);
    assert_int_equal(3, seed__hooks_newest(&hooks, SEED_ON_AFTER).same);
    assert_int_equal(1, seed__hooks_newest(&hooks, SEED_ON_PRE).same);
    seed__hooks_clear(&hooks);
}

static void copies_lists(void **state)
{
    struct hooks from, to;

    (void)state;
    begin(&from, 10);
    add(&from, SEED_ON_AFTER, 11);
    add(&from, SEED_ON_PRE, 3);
    assert_int_equal(0, seed__hooks_copy(&to, &from));
    assert_int_equal(10, to.limit);
    assert_int_equal(11, seed__hooks_count(&to, SEED_ON_AFTER));
    assert_int_equal(3, seed__hooks_count(&to, SEED_ON_PRE));
    assert_ptr_equal(from.lists[SEED_ON_PRE].entries[2].site,
        to.lists[SEED_ON_PRE].entries[2].site);

    /* What the setup added is not counted with what is added later. */
    assert_int_equal(0, seed__hooks_newest(&to, SEED_ON_AFTER).same);
    add(&to, SEED_ON_AFTER, 1);
    assert_int_equal(1, seed__hooks_newest(&to, SEED_ON_AFTER).same);
    assert_int_equal(0, seed__hooks_remove(&to, SEED_ON_PRE, hook, NULL));
    assert_int_equal(2, seed__hooks_count(&to, SEED_ON_PRE));
    assert_int_equal(3, seed__hooks_newest(&from, SEED_ON_PRE).same);
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
        cmocka_unit_test(counts_members_only),
        cmocka_unit_test(counts_by_line),
        cmocka_unit_test(copies_lists),
        cmocka_unit_test(names_every_event),
        cmocka_unit_test(survives_without_memory),
    };

    return cmocka_run_group_tests_name("flow/hooks", tests, life_count_memory,
        NULL);
}
