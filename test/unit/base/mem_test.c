/* SPDX-License-Identifier: MIT */
#include "base/mem.h"

#include "unit/failing.h"

#include <seed/error.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

static char *print(struct arena *arena, const char *format, ...)
{
    va_list args;
    char *text;

    va_start(args, format);
    text = seed__arena_vprintf(arena, format, args);
    va_end(args);
    return text;
}

/* Must be first: nothing is allocated yet. */
static void is_replaced_once_before_use(void **state)
{
    (void)state;
    assert_int_equal(seed__mem_replace(NULL, realloc, free), SEED_EINVAL);
    assert_int_equal(seed__mem_replace(malloc, NULL, free), SEED_EINVAL);
    assert_int_equal(seed__mem_replace(malloc, realloc, NULL), SEED_EINVAL);
    assert_int_equal(failing_install(), 0);

    seed__release(seed__alloc(1));
    assert_int_equal(failing.asked, 1);
    assert_int_equal(seed__mem_replace(malloc, realloc, free), SEED_ESTATE);
}

static void allocates(void **state)
{
    char *zeroed = seed__alloc_zeroed(100), *copy = seed__copy_string("abc");

    (void)state;
    for (int i = 0; i < 100; i++)
        assert_int_equal(zeroed[i], 0);
    assert_string_equal(copy, "abc");
    copy = seed__resize(copy, 1000);
    assert_string_equal(copy, "abc");

    seed__release(copy);
    seed__release(zeroed);
    seed__release(NULL);
    assert_int_equal(failing.live, 0);
}

static void tells_when_memory_is_exhausted(void **state)
{
    struct arena arena;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    failing.left = 0;
    assert_null(seed__alloc(1));
    failing.left = 0;
    assert_null(seed__alloc_zeroed(1));
    failing.left = 0;
    assert_null(seed__copy_string("x"));
    failing.left = 0;
    assert_null(seed__arena_alloc(&arena, 1));
    failing.left = 0;
    assert_null(seed__arena_bytes(&arena, 1));
    failing.left = 0;
    assert_null(seed__arena_copy(&arena, "x", 1));
    failing.left = 0;
    assert_null(print(&arena, "%d", 1));
    failing.left = -1;
    assert_null(seed__arena_alloc(&arena, SIZE_MAX));
    assert_null(seed__arena_bytes(&arena, SIZE_MAX));
    assert_null(seed__arena_copy(&arena, "x", SIZE_MAX));

    seed__arena_clear(&arena, NULL, 0);
    assert_int_equal(failing.live, 0);
}

static void uses_the_first_block_before_any_other(void **state)
{
    enum { ALIGN = _Alignof(max_align_t) };
    _Alignas(max_align_t) char first[16 * ALIGN];
    struct arena arena;
    char *piece;

    (void)state;
    failing.asked = 0;
    seed__arena_init(&arena, first, sizeof first);
    piece = seed__arena_bytes(&arena, 1);
    assert_ptr_equal(piece, first);
    assert_ptr_equal(seed__arena_bytes(&arena, 1), piece + 1);
    assert_ptr_equal(seed__arena_alloc(&arena, 8), first + ALIGN);
    assert_ptr_equal(seed__arena_alloc(&arena, 14 * ALIGN), first + 2 * ALIGN);
    assert_int_equal(failing.asked, 0);
    assert_non_null(seed__arena_bytes(&arena, 1));
    assert_int_equal(failing.asked, 1);

    seed__arena_clear(&arena, first, sizeof first);
    assert_int_equal(failing.live, 0);
    assert_ptr_equal(seed__arena_bytes(&arena, 1), first);
    assert_null(arena.blocks);
}

/* The newest block comes back first, of the smallest size that is enough, and
 * what is left of it is used. */
static void takes_blocks_from_its_store(void **state)
{
    struct arena_store store = { 0 };
    struct arena arena, other;
    char *piece, *next;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    seed__arena_init(&other, NULL, 0);
    arena.store = other.store = &store;
    piece = seed__arena_bytes(&arena, 10000);
    assert_ptr_equal(seed__arena_bytes(&arena, 6000), piece + 10000);
    next = seed__arena_bytes(&arena, 20000);
    seed__arena_clear(&arena, NULL, 0);
    assert_ptr_equal(&store, arena.store);

    failing.asked = 0;
    assert_ptr_equal(piece, seed__arena_bytes(&other, 16384));
    assert_ptr_equal(next, seed__arena_bytes(&other, 16385));
    assert_int_equal(0, failing.asked);
    assert_non_null(seed__arena_bytes(&other, 65537));
    seed__arena_clear(&other, NULL, 0);
    seed__store_clear(&store);
    assert_int_equal(failing.live, 0);
}

static void keeps_a_megabyte_of_each_size(void **state)
{
    struct arena_store store = { 0 };
    struct arena arena;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    arena.store = &store;
    for (int i = 0; i < 1000; i++)
        assert_non_null(seed__arena_bytes(&arena, 8192));
    seed__arena_clear(&arena, NULL, 0);
    assert_int_equal(128, failing.live);
    seed__store_clear(&store);
    assert_int_equal(0, failing.live);
}

/* Every piece is aligned, holds its bytes to the end, and overlaps none. */
static void hands_out_pieces_of_every_size(void **state)
{
    static const size_t sizes[] = { 0, 1, 7, 16, 33, 500, 2048, 2049, 8192,
        8193, 100000 };
    unsigned char *pieces[2 * sizeof sizes / sizeof *sizes];
    struct arena arena;
    size_t count = 0;
    char first[100];

    (void)state;
    seed__arena_init(&arena, first + 1, sizeof first - 1);
    for (size_t i = 0; i < 2 * sizeof sizes / sizeof *sizes; i++) {
        size_t size = sizes[i / 2];
        void *piece = i % 2 ? seed__arena_alloc(&arena, size)
                            : (void *)seed__arena_bytes(&arena, size);

        assert_non_null(piece);
        if (i % 2)
            assert_int_equal((uintptr_t)piece % _Alignof(max_align_t), 0);
        memset(piece, (int)i, size);
        pieces[count++] = piece;
    }
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < sizes[i / 2]; j++)
            assert_int_equal(pieces[i][j], i);
    }
    seed__arena_clear(&arena, NULL, 0);
    assert_int_equal(failing.live, 0);
}

static void keeps_what_is_left_beside_a_large_piece(void **state)
{
    struct arena arena;
    char *small;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    small = seed__arena_bytes(&arena, 1);
    assert_non_null(seed__arena_bytes(&arena, 100000));
    assert_ptr_equal(seed__arena_bytes(&arena, 1), small + 1);
    seed__arena_clear(&arena, NULL, 0);
}

static void copies_and_prints(void **state)
{
    struct arena arena;
    char *copy;

    (void)state;
    seed__arena_init(&arena, NULL, 0);
    copy = seed__arena_copy(&arena, "abcdef", 3);
    assert_string_equal(copy, "abc");
    assert_string_equal(seed__arena_copy(&arena, NULL, 0), "");
    assert_string_equal(print(&arena, "%s-%d", "a", 12), "a-12");
    copy = print(&arena, "%*d", 50000, 7);
    assert_int_equal(strlen(copy), 50000);
    assert_null(print(&arena, "%ls", L"\x10ffff")); /* not in the C locale */
    seed__arena_clear(&arena, NULL, 0);
}

static void extends_the_newest_piece_only(void **state)
{
    char first[100], *older, *newest;
    struct arena arena;

    (void)state;
    seed__arena_init(&arena, first, sizeof first);
    older = seed__arena_bytes(&arena, 10);
    newest = seed__arena_bytes(&arena, 10);
    assert_false(seed__arena_extend(&arena, older, 10, 20));
    assert_true(seed__arena_extend(&arena, newest, 10, 20));
    assert_true(seed__arena_extend(&arena, newest, 20, 20));
    assert_false(seed__arena_extend(&arena, newest, 20, 19));
    assert_false(seed__arena_extend(&arena, newest, 20, 91));
    assert_true(seed__arena_extend(&arena, newest, 20, 90));
    assert_ptr_equal(arena.at, arena.end);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(is_replaced_once_before_use),
        cmocka_unit_test(allocates),
        cmocka_unit_test(tells_when_memory_is_exhausted),
        cmocka_unit_test(uses_the_first_block_before_any_other),
        cmocka_unit_test(takes_blocks_from_its_store),
        cmocka_unit_test(keeps_a_megabyte_of_each_size),
        cmocka_unit_test(hands_out_pieces_of_every_size),
        cmocka_unit_test(keeps_what_is_left_beside_a_large_piece),
        cmocka_unit_test(copies_and_prints),
        cmocka_unit_test(extends_the_newest_piece_only),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
