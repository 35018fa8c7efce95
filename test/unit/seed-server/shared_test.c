/* SPDX-License-Identifier: MIT */
/* The seed server's shared pieces: its clock, its cache and its digests. */
#include "../../../examples/seed-server/shared.c"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#define MINUTE 60000

static int64_t time_now;

static int64_t clock_of_the_test(void)
{
    return time_now;
}

/* As the original does: the time slides from the
 * start of the process, and moves only when it is asked for. */
static void the_timestamp_slides(void **state)
{
    static const struct {
        const char *what;
        int64_t now, want;
    } cases[] = {
        {"at the start", 1000123, 1000123},
        {"almost a minute later", 1060122, 1000123},
        {"a minute later, not at a whole minute", 1060123, 1060123},
        {"still", 1120122, 1060123},
        {"after a long rest, it jumps to now", 1720000, 1720000},
        {"a clock that goes back freezes it", 1000000, 1720000},
        {"until it has caught up", 1779999, 1720000},
        {"and then it moves again", 1780000, 1780000},
    };

    (void)state;
    wall_clock = clock_of_the_test;
    time_now = cases[0].now;
    assert_true(grow_seed(MINUTE));
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        time_now = cases[i].now;
        if (timestamp() != cases[i].want)
            fail_msg("%s: %lld", cases[i].what, (long long)timestamp());
    }
}

static void the_content_is_random_hex(void **state)
{
    char before[sizeof content];

    (void)state;
    assert_true(grow_seed(MINUTE));
    memcpy(before, content, sizeof content);
    assert_int_equal(strlen(content), CONTENT_LENGTH);
    assert_int_equal(strspn(content, "0123456789abcdef"), CONTENT_LENGTH);
    assert_true(grow_seed(MINUTE));
    assert_memory_not_equal(content, before, CONTENT_LENGTH);
}

static void the_cache_finds_what_it_stored(void **state)
{
    struct cache cache = {0};

    (void)state;
    assert_null(cache_find(&cache, "a"));
    cache_store(&cache, "a", "1");
    cache_store(&cache, "b", "2");
    assert_string_equal(cache_find(&cache, "a"), "1");
    assert_string_equal(cache_find(&cache, "b"), "2");

    cache_store(&cache, "a", "3");
    cache_store(&cache, "a", "3");
    assert_string_equal(cache_find(&cache, "a"), "3");
    assert_int_equal(cache.count, 2);
}

static void the_cache_does_not_grow(void **state)
{
    struct cache cache = {0};
    char key[] = "0";

    (void)state;
    for (int i = 0; i < CACHE_ROOM + 3; i++) {
        key[0] = (char)('0' + i);
        cache_store(&cache, key, key);
    }
    assert_int_equal(cache.count, CACHE_ROOM);
    for (int i = 0; i < CACHE_ROOM + 3; i++) {
        key[0] = (char)('0' + i);
        assert_true((cache_find(&cache, key) != NULL) == (i >= 3));
    }
}

static void the_cache_refuses_what_does_not_fit(void **state)
{
    struct cache cache = {0};
    char key[HASH_ROOM + 1];

    (void)state;
    memset(key, 'k', HASH_ROOM);
    key[HASH_ROOM] = '\0';
    cache_store(&cache, key, "1");
    cache_store(&cache, "a", key);
    assert_int_equal(cache.count, 0);

    key[HASH_ROOM - 1] = '\0';
    cache_store(&cache, key, key);
    assert_string_equal(cache_find(&cache, key), key);
}

/* FIPS 180-4's "abc", and a JSON text as it is sent. */
static void digests_are_sha_512_in_hex(void **state)
{
    json_t *value = json_pack("{s:i, s:s}", "b", 1, "a", "x");
    char hash[HASH_ROOM], again[HASH_ROOM];

    (void)state;
    hash_text("abc", hash);
    assert_string_equal(hash,
        "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f");

    hash_json(value, hash);
    hash_text("{\"b\":1,\"a\":\"x\"}", again);
    assert_string_equal(hash, again);
    json_decref(value);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_timestamp_slides),
        cmocka_unit_test(the_content_is_random_hex),
        cmocka_unit_test(the_cache_finds_what_it_stored),
        cmocka_unit_test(the_cache_does_not_grow),
        cmocka_unit_test(the_cache_refuses_what_does_not_fit),
        cmocka_unit_test(digests_are_sha_512_in_hex),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
