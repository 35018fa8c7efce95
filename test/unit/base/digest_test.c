/* SPDX-License-Identifier: MIT */
#include "base/digest.h"

#include "base/mem.h"
#include "base/str.h"

#include <seed/error.h>
#include <seed/plugin.h>

#include <pthread.h>
#include <stdatomic.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* FIPS 180-2's own examples, and the empty text. */
static const struct {
    enum seed_digest digest;
    const char *text, *want;
} cases[] = {
    {SEED_SHA1, "abc", "a9993e364706816aba3e25717850c26c9cd0d89d"},
    {SEED_SHA1, "", "da39a3ee5e6b4b0d3255bfef95601890afd80709"},
    {SEED_SHA256, "abc",
        "ba7816bf8f01cfea414140de5dae2223"
        "b00361a396177a9cb410ff61f20015ad"},
    {SEED_SHA256, "",
        "e3b0c44298fc1c149afbf4c8996fb924"
        "27ae41e4649b934ca495991b7852b855"},
    {SEED_SHA512, "abc",
        "ddaf35a193617abacc417349ae204131"
        "12e6fa4e89a97ea20a9eeee64b55d39a"
        "2192992a274fc1a836ba3c23a3feebbd"
        "454d4423643ce80e2a9ac94fa54ca49f"},
};

static void hashes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(cases); i++) {
        char out[129];
        size_t room = strlen(cases[i].want) + 1;

        assert_int_equal(0, seed_digest_hex(cases[i].digest, cases[i].text,
                                strlen(cases[i].text), out, room));
        assert_string_equal(cases[i].want, out);
    }
}

static void wants_room_for_all_of_it(void **state)
{
    static const size_t sizes[] = {41, 65, 129};
    char out[129];

    (void)state;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        enum seed_digest digest = (enum seed_digest)i;

        memset(out, '?', sizeof out);
        assert_int_equal(SEED_EFULL,
            seed_digest_hex(digest, "abc", 3, out, sizes[i] - 1));
        assert_int_equal('?', out[0]);
        assert_int_equal(0, seed_digest_hex(digest, "abc", 3, out, sizes[i]));
    }
}

static void refuses_other_digests(void **state)
{
    char out[129];

    (void)state;
    assert_int_equal(SEED_EINVAL,
        seed_digest_hex((enum seed_digest)3, "abc", 3, out, sizeof out));
}

static void *hash_often(void *result)
{
    char *out = result;

    for (int i = 0; i < 100; i++)
        if (seed_digest_hex(SEED_SHA1, "abc", 3, out, 41))
            return NULL;
    return out;
}

static void hashes_in_any_thread(void **state)
{
    pthread_t threads[4];
    char out[4][41];

    (void)state;
    for (size_t i = 0; i < COUNT(threads); i++)
        assert_int_equal(0,
            pthread_create(&threads[i], NULL, hash_often, out[i]));
    for (size_t i = 0; i < COUNT(threads); i++) {
        void *result;

        pthread_join(threads[i], &result);
        assert_non_null(result);
        assert_string_equal(cases[0].want, out[i]);
    }
}

/* OpenSSL goes on asking, from any thread. */
static atomic_size_t asked;

static void *count_and_allocate(size_t size)
{
    asked++;
    return malloc(size);
}

/* Runs first: OpenSSL takes an allocator only before its first use. */
static void gives_openssl_our_allocator(void **state)
{
    char out[41];

    (void)state;
    assert_int_equal(0,
        seed__mem_replace(count_and_allocate, realloc, free));
    assert_int_equal(0, seed__digest_use_allocator());
    assert_int_equal(0, seed_digest_hex(SEED_SHA1, "", 0, out, sizeof out));
    assert_true(asked > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_openssl_our_allocator),
        cmocka_unit_test(hashes),
        cmocka_unit_test(wants_room_for_all_of_it),
        cmocka_unit_test(refuses_other_digests),
        cmocka_unit_test(hashes_in_any_thread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
