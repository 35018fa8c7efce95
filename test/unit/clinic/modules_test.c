/* SPDX-License-Identifier: MIT */
#include "clinic/modules.h"

#include "unit/failing.h"

#include <dlfcn.h>
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static int clear(void **state)
{
    (void)state;
    seed__modules_clear();
    return failing.live != 0;
}

static void knows_whose_an_address_is(void **state)
{
    uintptr_t here = (uintptr_t)knows_whose_an_address_is;
    uintptr_t there = (uintptr_t)dlsym(RTLD_DEFAULT, "getpid");
    const struct module *own, *libc;
    place at;

    (void)state;
    seed__modules_look();
    at = seed__modules_place(here);
    own = seed__modules_of(at);
    assert_non_null(own);
    assert_true(own->program);
    assert_string_equal(own->name, "modules_test");
    assert_int_equal(seed__modules_address(at), here);
    assert_ptr_equal(seed__modules_get(seed__modules_number(at)), own);
    assert_true(here >= own->from && here < own->to);

    libc = seed__modules_of(seed__modules_place(there));
    assert_ptr_not_equal(libc, own);
    assert_non_null(libc);
    assert_false(libc->program);
    assert_non_null(strchr(libc->path, '/'));
    assert_true(libc->id_length > 0);
}

static void leaves_alone_what_is_nobodys(void **state)
{
    (void)state;
    seed__modules_look();
    assert_null(seed__modules_of(seed__modules_place(4711)));
    assert_int_equal(seed__modules_address(seed__modules_place(4711)), 4711);
    assert_null(seed__modules_get(0));
    assert_null(seed__modules_get(100000));
}

/* Its addresses still mean it when it is gone, and again when it is back. */
static void remembers_what_was_unloaded(void **state)
{
    void *library = dlopen("libresolv.so.2", RTLD_NOW | RTLD_LOCAL);
    uintptr_t there;
    place at;

    (void)state;
    assert_non_null(library);
    there = (uintptr_t)dlsym(library, "__p_class");
    assert_true(there);
    seed__modules_look();
    at = seed__modules_place(there);
    assert_string_equal(seed__modules_of(at)->name, "libresolv.so.2");
    assert_true(seed__modules_of(at)->loaded);

    dlclose(library);
    seed__modules_look();
    assert_int_equal(seed__modules_place(there), at);
    if (dlopen("libresolv.so.2", RTLD_NOW | RTLD_NOLOAD))
        return; /* something else holds it */
    assert_false(seed__modules_of(at)->loaded);
}

static void keeps_numbers(void **state)
{
    unsigned count = 1, again = 1;

    (void)state;
    for (int i = 0; i < 5; i++) {
        void *library = dlopen("libresolv.so.2", RTLD_NOW | RTLD_LOCAL);

        seed__modules_look();
        if (library)
            dlclose(library);
        seed__modules_look();
        for (again = 1; seed__modules_get(again);)
            again++;
        if (i == 0)
            count = again;
    }
    assert_true(again >= count && again <= count + 4); /* bases may differ */
}

static void survives_without_memory(void **state)
{
    place at;

    (void)state;
    failing.left = 0;
    seed__modules_look();
    failing.left = -1;
    at = seed__modules_place((uintptr_t)clear); /* the program came first */
    assert_null(seed__modules_of(at));
    assert_int_equal(at, (uintptr_t)clear);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(knows_whose_an_address_is, clear),
        cmocka_unit_test_teardown(leaves_alone_what_is_nobodys, clear),
        cmocka_unit_test_teardown(remembers_what_was_unloaded, clear),
        cmocka_unit_test_teardown(keeps_numbers, clear),
        cmocka_unit_test_teardown(survives_without_memory, clear),
    };

    return failing_install() || cmocka_run_group_tests(tests, NULL, NULL);
}
