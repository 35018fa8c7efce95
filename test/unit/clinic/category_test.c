/* SPDX-License-Identifier: MIT */
#include "clinic/category.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static void knows_libraries(void **state)
{
    static const struct {
        const char *module, *want;
    } cases[] = {
        { "libc.so.6", "libc" },
        { "ld-linux-x86-64.so.2", "libc" },
        { "ld-musl-x86_64.so.1", "libc" },
        { "libm.so.6", "libc" },
        { "linux-vdso.so.1", "libc" },
        { "libevent_core-2.1.so.7", "libevent" },
        { "libevent-2.1.so.7", "libevent" },
        { "libcrypto.so.3", "openssl" },
        { "libssl.so.3", "openssl" },
        { "libjansson.so.4", "jansson" },
        { "libseed.so.0.1", "libseed" },
        { "libseed.so", "libseed" },
        { "libcurl.so.4", "other" },
        { "libcap.so.2", "other" },
        { "libmicrohttpd.so.12", "other" },
        { "libz.so.1", "other" },
        { "", "other" },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_string_equal(cases[i].want,
            seed__category_names[seed__category_of(cases[i].module)]);
    for (int i = 0; i < CATEGORIES; i++)
        assert_non_null(seed__category_names[i]);
}

static void knows_the_allocator(void **state)
{
    (void)state;
    assert_true(seed__category_allocates("malloc"));
    assert_true(seed__category_allocates("_int_free"));
    assert_false(seed__category_allocates("mallocate"));
    assert_false(seed__category_allocates("memcpy"));
}

static void tells_libseed_from_the_program(void **state)
{
    static const char own[] = "/src/seed/lib/clinic/reading.c";
    static const struct {
        const char *function, *file, *own;
        bool want;
    } cases[] = {
        { "seed_run", NULL, NULL, true },
        { "seed__flow_go", "x.c", NULL, true },
        { "seedling", "/app/a.c", own, false },
        { "take", "/src/seed/lib/flow/flow.c", own, true },
        { "take", "/src/seed/lib/flow/req.h", own, true },
        { "take", "/src/seed/examples/hello.c", own, false },
        { "take", "/src/seed/lib/flow/flow.c", NULL, false },
        { "take", NULL, own, false },
        { "take", "/src/seed/lib/flow/flow.c", "/odd/name.c", false },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(cases[i].want, seed__category_is_seed(
            cases[i].function, cases[i].file, cases[i].own));
}

static void knows_clones(void **state)
{
    (void)state;
    assert_true(seed__category_is_clone("f.part.0"));
    assert_true(seed__category_is_clone("f.cold"));
    assert_true(seed__category_is_clone("f.isra.0"));
    assert_true(seed__category_is_clone("f.constprop.0.isra.1"));
    assert_false(seed__category_is_clone("f"));
    assert_false(seed__category_is_clone("part.of"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_libraries),
        cmocka_unit_test(knows_the_allocator),
        cmocka_unit_test(tells_libseed_from_the_program),
        cmocka_unit_test(knows_clones),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
