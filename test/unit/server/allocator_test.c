/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <jansson.h>
#include <openssl/crypto.h>
#include <event2/event.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

static atomic_int calls, live;

static void *allocate(size_t size)
{
    calls++;
    live++;
    return malloc(size);
}

static void *resize(void *memory, size_t size)
{
    calls++;
    live += !memory;
    return realloc(memory, size);
}

static void release(void *memory)
{
    live -= memory != NULL;
    free(memory);
}

static void wants_all_three(void **state)
{
    (void)state;
    assert_int_equal(seed_use_allocator(NULL, resize, release), SEED_EINVAL);
    assert_int_equal(seed_use_allocator(allocate, NULL, release), SEED_EINVAL);
    assert_int_equal(seed_use_allocator(allocate, resize, NULL), SEED_EINVAL);
    assert_int_equal(calls, 0);
}

static void serves_all_four_libraries(void **state)
{
    struct event_base *base;
    json_t *value;
    int before;

    (void)state;
    assert_int_equal(seed_use_allocator(allocate, resize, release), 0);

    before = calls;
    seed_server_free(seed_server_new(NULL));
    assert_true(calls > before);
    assert_int_equal(live, 0);

    before = calls;
    value = json_pack("{s:s}", "a", "b");
    assert_true(calls > before);
    json_decref(value);
    assert_int_equal(live, 0);

    before = calls;
    OPENSSL_free(OPENSSL_malloc(7));
    assert_true(calls > before);

    before = calls;
    base = event_base_new();
    assert_true(calls > before);
    event_base_free(base);
}

static void is_too_late_after_the_first_use(void **state)
{
    (void)state;
    assert_int_equal(seed_use_allocator(allocate, resize, release),
        SEED_ESTATE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wants_all_three),
        cmocka_unit_test(serves_all_four_libraries),
        cmocka_unit_test(is_too_late_after_the_first_use),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
