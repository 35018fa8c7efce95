/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

static const char one_key, other_key;
static char released[8];

static void note(void *value)
{
    strncat(released, value, 1);
}

static void keeps_values_by_key(void **state)
{
    seed_server *server = seed_server_new(NULL);
    char a[] = "a", b[] = "b";

    (void)state;
    assert_null(seed_server_slot(server, &one_key));
    assert_int_equal(0, seed_server_set(server, &one_key, a, NULL));
    assert_int_equal(0, seed_server_set(server, &other_key, b, NULL));
    assert_ptr_equal(a, seed_server_slot(server, &one_key));
    assert_ptr_equal(b, seed_server_slot(server, &other_key));

    assert_int_equal(0, seed_server_set(server, &one_key, b, NULL));
    assert_ptr_equal(b, seed_server_slot(server, &one_key));
    assert_int_equal(0, seed_server_set(server, &one_key, NULL, NULL));
    assert_null(seed_server_slot(server, &one_key));
    assert_int_equal(0, seed_server_set(server, &one_key, NULL, NULL));
    seed_server_free(server);

    assert_int_equal(SEED_ENOMEM, seed_server_set(NULL, &one_key, a, NULL));
    assert_null(seed_server_slot(NULL, &one_key));
}

static void releases_the_newest_first(void **state)
{
    seed_server *server = seed_server_new(NULL);
    char a[] = "a", b[] = "b", c[] = "c";

    (void)state;
    released[0] = '\0';
    seed_server_set(server, &one_key, a, note);
    seed_server_set(server, &other_key, b, note);
    seed_server_set(server, &released, c, note);
    seed_server_set(server, &released, NULL, NULL);
    assert_string_equal("", released);
    seed_server_free(server);
    assert_string_equal("ba", released);
}

static seed_step look(seed_req *req, seed_res *res, void *ctx)
{
    seed_server *server = seed_req_server(req);

    *(int *)ctx = seed_server_set(server, &other_key, ctx, NULL);
    return seed_send_text(res, 200, seed_server_slot(server, &one_key));
}

static void is_read_by_handlers_and_not_set(void **state)
{
    seed_server *server = seed_server_new(NULL);
    char a[] = "a";
    int error = 0;
    seed_reply *reply;

    (void)state;
    seed_server_set(server, &one_key, a, NULL);
    seed_get(server, "/", look, &error);
    reply = seed_inject(server, &(struct seed_injection){ 0 });
    assert_string_equal("a", seed_reply_body(reply, NULL));
    assert_int_equal(SEED_ESTATE, error);
    seed_reply_free(reply);
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_values_by_key),
        cmocka_unit_test(releases_the_newest_first),
        cmocka_unit_test(is_read_by_handlers_and_not_set),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
