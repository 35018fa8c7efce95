/* SPDX-License-Identifier: MIT */
#include "clinic/samples.h"

#include <math.h>
#include <string.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define FRAME(what, kind) { .name = what, .file = "", .module = "", \
    .category = CATEGORY_##kind }

enum { MAIN, LOOP, ROUTE, AFTER, HOOK, DUMPS, MALLOC, DIGEST, SWEEP, SEND,
    USE, FRAMES };

static const struct frame frames[FRAMES] = {
    [MAIN] = FRAME("main", APP),
    [LOOP] = FRAME("event_base_loop", LIBEVENT),
    [ROUTE] = FRAME("GET /seed/v1", SPAN),
    [AFTER] = { .name = "after: store_etag (slow.c:28)",
        .file = "examples/slow.c", .module = "", .line = 28,
        .category = CATEGORY_SPAN },
    [USE] = { .name = "use: etagger (slow.c:68)", .file = "examples/slow.c",
        .module = "", .line = 68, .category = CATEGORY_SPAN },
    [HOOK] = FRAME("store_etag", APP),
    [DUMPS] = FRAME("json_dumps", JANSSON),
    [MALLOC] = { .name = "malloc", .file = "", .module = "libc.so.6",
        .category = CATEGORY_LIBC, .allocates = true },
    [DIGEST] = FRAME("sha512_block", OPENSSL),
    [SWEEP] = { .name = "clean_up", .file = "app.c", .module = "",
        .line = 12, .category = CATEGORY_APP },
    [SEND] = FRAME("sendmsg", LIBC),
};

enum { NODES = 14 };

/* Its parent's place, its frame, and its own time in percent. */
static const struct {
    int parent, frame;
    uint64_t self;
} stacks[NODES] = {
    { -1, -1, 0 }, { 0, MAIN, 0 }, { 1, LOOP, 10 }, { 2, ROUTE, 0 },
    { 3, AFTER, 0 }, { 4, HOOK, 5 }, { 5, DUMPS, 10 }, { 6, MALLOC, 5 },
    { 5, DIGEST, 30 }, { 3, USE, 0 }, { 9, DIGEST, 7 }, { 2, SWEEP, 13 },
    { 11, SEND, 15 }, { 2, SEND, 5 },
};

static struct node nodes[NODES];

static struct tree build(void)
{
    memset(nodes, 0, sizeof nodes);
    for (int i = NODES - 1; i > 0; i--) {
        struct node *parent = &nodes[stacks[i].parent];

        nodes[i].parent = parent;
        nodes[i].frame = &frames[stacks[i].frame];
        nodes[i].self = stacks[i].self;
        nodes[i].total += stacks[i].self;
        nodes[i].next = parent->first;
        parent->first = &nodes[i];
        parent->total += nodes[i].total;
    }
    return (struct tree){ .root = nodes, .nodes = NODES };
}

static struct facts facts;

#define SAME(percent, share) assert_true(fabs((percent) / 100.0 - (share)) \
    < 1e-9)

static void reads_shares(void **state)
{
    struct tree tree = build();

    (void)state;
    facts = (struct facts){ .spans = {
        { .kind = "after", .function = "store_etag",
            .file = "examples/slow.c", .line = 28 },
        { .kind = "use", .function = "etagger", .file = "examples/slow.c",
            .line = 68 },
        { .kind = "use", .function = "etag", .file = "examples/slow.c",
            .line = 68 } }, .span_count = 3 };
    assert_int_equal(100, tree.root->total);
    seed__samples_read(&tree, &facts);
    SAME(18, facts.categories[CATEGORY_APP]);
    SAME(25, facts.categories[CATEGORY_LIBC]);
    SAME(37, facts.categories[CATEGORY_OPENSSL]);
    SAME(5, facts.allocating);
    SAME(30, facts.spans[0].openssl);
    SAME(15, facts.spans[0].jansson); /* with what it allocates */
    SAME(5, facts.spans[0].allocating);
    SAME(7, facts.spans[1].openssl);
    SAME(0, facts.spans[2].openssl);
    assert_string_equal("sha512_block", facts.tops[0].name);
    SAME(37, facts.tops[0].self);
    assert_string_equal("sendmsg", facts.tops[1].name);
    SAME(20, facts.tops[1].self);
    assert_int_equal(7, facts.top_count);
    assert_string_equal("clean_up", facts.outside.name);
    assert_int_equal(12, facts.outside.line);
    SAME(28, facts.outside.self);
}

static void bears_nothing(void **state)
{
    struct node root = { .total = 0 };
    struct tree tree = { .root = &root, .nodes = 1 };

    (void)state;
    facts = (struct facts){ .pid = 1 };
    seed__samples_read(&tree, &facts);
    assert_int_equal(0, facts.top_count);
    assert_string_equal("", facts.outside.name);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_shares),
        cmocka_unit_test(bears_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
