/* SPDX-License-Identifier: MIT */
#include "clinic/tree.h"
#include "clinic/walk.h"

#include "unit/clinic/made.h"
#include "unit/failing.h"

#include <seed/error.h>

#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

static const struct node *child(const struct node *of, const char *name)
{
    for (const struct node *at = of->first; at; at = at->next)
        if (!strcmp(at->frame->name, name))
            return at;
    fail_msg("there is no %s", name);
    return NULL;
}

static void lays_stacks_out(void **state)
{
    const struct node *root, *main, *loop, *route, *site, *hook, *start;
    seed_flame flame;
    struct tree tree;

    (void)state;
    made_fill(&flame);
    assert_int_equal(seed__tree_make(&tree, &flame), 0);
    root = tree.root;
    assert_null(root->frame);
    assert_int_equal(root->total, MADE_USEC * 1000);
    assert_int_equal(child(root, "0x10")->self, 50000);

    main = child(root, "made_main");
    assert_int_equal(main->total, 1000000);
    assert_int_equal(main->self, 0);
    assert_false(main->frame->init); /* it is in the loop, too */
    start = child(main, "made_start");
    assert_true(start->frame->init);
    assert_int_equal(start->self, 100000);

    loop = child(main, "event_base_loop");
    assert_int_equal(loop->self, 300000);
    assert_int_equal(loop->total, 900000);
    route = child(loop, "GET /seed;/:id");
    assert_int_equal(route->frame->category, CATEGORY_SPAN);
    assert_string_equal(route->frame->module, "");
    site = child(route, "after: hook (slow.c:22)");
    assert_int_equal(site->frame->category, CATEGORY_SPAN);
    assert_string_equal(site->frame->file, "dir/slow.c");
    assert_int_equal(site->frame->line, 22);
    hook = child(site, "made_hook");
    assert_int_equal(hook->self, 600000);
    assert_ptr_equal(hook->parent, site);
    assert_null(hook->first);

    seed__tree_clear(&tree);
    seed__tree_clear(&tree);
    made_clear(&flame);
    assert_int_equal(failing.live, 0);
}

/* Parents before children, each node once, and shares add up. */
static void is_walked_parents_first(void **state)
{
    seed_flame flame;
    struct tree tree;
    uint64_t self = 0;
    size_t count = 0;

    (void)state;
    made_fill(&flame);
    assert_int_equal(seed__tree_make(&tree, &flame), 0);
    for (const struct node *at = tree.root; at; at = walk_next(at)) {
        uint64_t inner = at->self;

        count++;
        self += at->self;
        for (const struct node *one = at->first; one; one = one->next)
            inner += one->total;
        assert_int_equal(inner, at->total);
    }
    assert_int_equal(count, tree.nodes);
    assert_int_equal(self, tree.root->total);
    seed__tree_clear(&tree);
    made_clear(&flame);
}

static void grows(void **state)
{
    static struct sample sample;
    void *frames[3] = { NULL };
    seed_flame flame = { .title = "many" };
    struct tree tree;

    (void)state;
    sample = (struct sample){ .weight = 1, .copy = -1 };
    for (uintptr_t i = 1; i <= 3000; i++) {
        frames[0] = (void *)(i * 16);
        frames[1] = (void *)(i % 70 * 16);
        frames[2] = (void *)(i % 7 * 16);
        made_add(&flame, &sample, frames, 3);
    }
    assert_int_equal(seed__tree_make(&tree, &flame), 0);
    assert_int_equal(tree.root->total, 3000);
    assert_int_equal(tree.nodes, 1 + 7 + 70 + 3000);
    seed__tree_clear(&tree);
    made_clear(&flame);
    assert_int_equal(failing.live, 0);
}

static void is_empty_of_nothing(void **state)
{
    seed_flame flame = { .title = "none" };
    struct tree tree;

    (void)state;
    assert_int_equal(seed__tree_make(&tree, &flame), 0);
    assert_int_equal(tree.nodes, 1);
    assert_int_equal(tree.root->total, 0);
    seed__tree_clear(&tree);
}

static void survives_without_memory(void **state)
{
    seed_flame flame;
    struct tree tree;
    long live;
    int i = 0;

    (void)state;
    made_fill(&flame);
    live = failing.live;
    for (;; i++) {
        failing.left = i;
        if (!seed__tree_make(&tree, &flame))
            break;
        failing.left = -1;
        assert_int_equal(failing.live, live);
    }
    failing.left = -1;
    assert_true(i >= 6);
    seed__tree_clear(&tree);
    made_clear(&flame);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lays_stacks_out),
        cmocka_unit_test(is_walked_parents_first),
        cmocka_unit_test(grows),
        cmocka_unit_test(is_empty_of_nothing),
        cmocka_unit_test(survives_without_memory),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
