/* SPDX-License-Identifier: MIT */
#include "unit/flow/harness.h"

#include <seed/error.h>

#define GET "GET / HTTP/1.1\r\nHost: a\r\n\r\n"

/* A request whose answer is still open. */
struct open {
    struct life life;
    struct client client;
    seed_req *req;
    seed_res *res;
};

static void begin(struct open *open)
{
    memset(open, 0, sizeof *open);
    life_open(&open->life, "get=a/w");
    open->req = life_begin(&open->life, &open->client, GET);
    open->res = seed_req_res(open->req);
}

static const char *finish(struct open *open)
{
    seed_resume(open->req, seed_send(open->res, 204));
    life_run(&open->life);
    return life_answer(&open->client);
}

static void end(struct open *open)
{
    life_close(&open->life);
    life_forget(&open->client);
}

static bool is_token(int byte)
{
    return (byte >= '0' && byte <= '9') || (byte >= 'a' && byte <= 'z')
        || (byte >= 'A' && byte <= 'Z')
        || (byte && byte < 128 && strchr("!#$%&'*+-.^_`|~", byte));
}

/* Every byte, in a name and in a value, at the start, in the middle and at the
 * end (RFC 9110 5.1, 5.5). */
static void judges_every_byte(void **state)
{
    struct open open;

    (void)state;
    begin(&open);
    for (int byte = 1; byte < 256; byte++)
        for (int at = 0; at < 3; at++) {
            char text[4] = "xyz";
            bool good_value = byte == '\t' || (byte >= ' ' && byte != 127);

            text[at] = (char)byte;
            assert_int_equal(is_token(byte) ? 0 : SEED_EHEADER,
                seed_res_set(open.res, text, "v"));
            assert_int_equal(is_token(byte) ? 0 : SEED_EHEADER,
                seed_res_append(open.res, text, "v"));
            if (at == 1) {
                assert_int_equal(good_value ? 0 : SEED_EHEADER,
                    seed_res_set(open.res, "name", text));
                assert_int_equal(good_value ? 0 : SEED_EHEADER,
                    seed_res_append(open.res, "name", text));
            }
        }
    assert_int_equal(SEED_EHEADER, seed_res_set(open.res, "", "v"));
    assert_int_equal(0, seed_res_set(open.res, "empty", ""));
    finish(&open);
    end(&open);
}

static void cannot_be_split(void **state)
{
    static const char *const values[] = { "a\r\nSet-Cookie: b", "a\nb", "a\rb",
        "\r\n\r\n<html>", "a\r\n b" };
    struct open open;
    const char *answer;

    (void)state;
    begin(&open);
    for (size_t i = 0; i < COUNT(values); i++) {
        assert_int_equal(SEED_EHEADER, seed_res_set(open.res, "A",
            values[i]));
        assert_int_equal(SEED_EHEADER, seed_res_append(open.res, values[i],
            "v"));
    }
    answer = finish(&open);
    assert_lacks(answer, "Set-Cookie");
    assert_lacks(answer, "html");
    end(&open);
}

static void keeps_its_own_fields(void **state)
{
    static const char *const ours[] = { "Content-Length", "Transfer-Encoding",
        "Connection", "Date", "Keep-Alive", "Trailer", "Upgrade",
        "content-length", "DATE" };
    struct open open;

    (void)state;
    begin(&open);
    for (size_t i = 0; i < COUNT(ours); i++) {
        assert_int_equal(SEED_EHEADER, seed_res_set(open.res, ours[i], "1"));
        assert_int_equal(SEED_EHEADER, seed_res_append(open.res, ours[i],
            "1"));
    }
    assert_int_equal(0, seed_res_set(open.res, "Date-2", "x"));
    finish(&open);
    end(&open);
}

static void sets_adds_and_removes(void **state)
{
    static char name[] = "X-Fixed", value[] = "fixed";
    struct open open;
    char text[16] = "copied";
    const char *answer;

    (void)state;
    begin(&open);
    assert_null(seed_res_header(open.res, "X-A"));
    seed_res_append(open.res, "X-A", "1");
    seed_res_append(open.res, "x-a", "2");
    assert_string_equal("1", seed_res_header(open.res, "X-a"));
    seed_res_append(open.res, "X-B", text);
    strcpy(text, "!!!!");
    assert_string_equal("copied", seed_res_header(open.res, "X-B"));
    seed_res_set(open.res, "x-A", "3");
    assert_string_equal("3", seed_res_header(open.res, "X-A"));
    seed_res_set(open.res, "X-C", "gone");
    assert_int_equal(0, seed_res_remove(open.res, "x-c"));
    assert_null(seed_res_header(open.res, "X-C"));
    assert_int_equal(0, seed_res_remove(open.res, "never"));
    seed_res_set(open.res, "X-Fixed", "1");
    seed_res_append(open.res, "X-Fixed", "2");
    assert_int_equal(0, seed_res_set_unchecked(open.res, name, value));
    assert_ptr_equal(value, seed_res_header(open.res, "X-Fixed"));

    answer = finish(&open);
    assert_has(answer, "\r\nX-B: copied\r\n");
    assert_has(answer, "\r\nx-A: 3\r\n");
    assert_has(answer, "\r\nX-Fixed: fixed\r\n");
    assert_lacks(answer, "X-A: 1");
    assert_lacks(answer, "x-a: 2");
    assert_lacks(answer, "X-C");
    assert_lacks(answer, "X-Fixed: 1");
    end(&open);
}

/* The application's own word for Server is the only one. */
static void has_one_server_field(void **state)
{
    struct open open;
    const char *answer;

    (void)state;
    begin(&open);
    seed_res_set(open.res, "server", "mine");
    answer = finish(&open);
    assert_has(answer, "\r\nserver: mine\r\n");
    assert_lacks(answer, "Server: libseed");
    end(&open);
}

static void is_closed_behind_its_head(void **state)
{
    struct open open;

    (void)state;
    begin(&open);
    assert_false(seed_res_sent(open.res));
    assert_int_equal(0, seed_res_status(open.res));
    seed_stream_open(open.res, 202, SEED_UNLIMITED);
    assert_true(seed_res_sent(open.res));
    assert_int_equal(202, seed_res_status(open.res));
    assert_int_equal(SEED_ESENT, seed_res_set(open.res, "A", "b"));
    assert_int_equal(SEED_ESENT, seed_res_append(open.res, "A", "b"));
    assert_int_equal(SEED_ESENT, seed_res_remove(open.res, "A"));
    assert_int_equal(SEED_ESENT, seed_res_set_unchecked(open.res, "A", "b"));
    assert_int_equal(SEED_ESENT, seed_on_send(open.res, NULL, NULL));
    assert_int_equal(SEED_ESTATE, seed_res_change_status(open.res, 200));
    assert_int_equal(SEED_ESTATE, seed_res_change_body(open.res, "", 0));
    seed_resume(open.req, seed_stream_end(open.res));
    life_run(&open.life);
    end(&open);
}

/* --- the send stage ------------------------------------------------------- */

static char trail[256];

static void note(const seed_event *event, void *ctx)
{
    assert_int_equal(SEED_ON_SEND, event->on);
    assert_non_null(event->req);
    strcat(trail, ctx);
}

static void change(const seed_event *event, void *ctx)
{
    static const char body[] = "changed";
    seed_res *res = event->res;
    size_t length;

    (void)ctx;
    assert_int_equal(SEED_EINVAL, seed_res_change_status(res, 199));
    assert_int_equal(SEED_EINVAL, seed_res_change_status(res, 600));
    assert_int_equal(0, seed_res_change_status(res, 203));
    assert_int_equal(203, seed_res_status(res));
    assert_int_equal(0, seed_res_set(res, "X-Late", "yes"));
    assert_int_equal(0, seed_res_remove(res, "X-Early"));
    assert_string_equal("hi", seed_res_bytes(res, &length));
    assert_int_equal(2, length);
    assert_int_equal(0, seed_res_change_body(res, body, sizeof body - 1));
    assert_string_equal("changed", seed_res_bytes(res, NULL));
    assert_int_equal(SEED_ESENT, seed_on_send(res, note, trail));

    /* It may not answer a second time, nor cut this one. */
    assert_int_equal(SEED_STOP, seed_send_text(res, 500, "no"));
    assert_int_equal(SEED_ESENT, seed_stream_open(res, 200, 1));
    assert_int_equal(SEED_STOP, seed_stream_abort(res));
}

static void changes_what_is_sent(void **state)
{
    static char one[] = "1", two[] = "2", all[] = "s";
    struct open open;
    const char *answer;

    (void)state;
    begin(&open);
    trail[0] = '\0';
    life_on(&open.life, SEED_ON_SEND, note, all);
    assert_int_equal(0, seed_on_send(open.res, note, one));
    assert_int_equal(0, seed_on_send(open.res, note, two));
    assert_int_equal(0, seed_on_send(open.res, change, NULL));
    assert_int_equal(SEED_ESTATE, seed_res_change_status(open.res, 200));
    assert_int_equal(SEED_ESTATE, seed_res_change_body(open.res, "", 0));
    seed_res_set(open.res, "X-Early", "yes");
    seed_resume(open.req, seed_send_text(open.res, 200, "hi"));
    life_run(&open.life);
    answer = life_answer(&open.client);
    assert_string_equal("s12", trail);
    assert_int_equal(203, life_status(&open.client));
    assert_int_equal(203, open.life.status);
    assert_has(answer, "\r\nX-Late: yes\r\n");
    assert_has(answer, "\r\nContent-Length: 7\r\n");
    assert_lacks(answer, "X-Early");
    assert_string_equal("changed", life_body(&open.client));
    assert_int_equal(2, open.life.warned);
    end(&open);
}

/* Into one without a body, as for a validator that holds. */
static void to_304(const seed_event *event, void *ctx)
{
    (void)ctx;
    assert_int_equal(0, seed_res_change_status(event->res, 304));
}

static void changes_into_bodiless(void **state)
{
    struct open open;

    (void)state;
    begin(&open);
    seed_on_send(open.res, to_304, NULL);
    seed_resume(open.req, seed_send_text(open.res, 200, "hi"));
    life_run(&open.life);
    assert_int_equal(304, life_status(&open.client));
    assert_string_equal("", life_body(&open.client));
    end(&open);
}

static void no_body_to_change(const seed_event *event, void *ctx)
{
    (void)ctx;
    assert_null(seed_res_bytes(event->res, NULL));
    assert_int_equal(SEED_ESTATE, seed_res_change_body(event->res, "", 0));
    assert_int_equal(0, seed_res_change_status(event->res, 203));
    assert_int_equal(0, seed_res_set(event->res, "X-Late", "yes"));
    strcat(trail, "n");
}

/* Of files and streams the head may change only. */
static void changes_heads_only(void **state)
{
    (void)state;
    for (int stream = 0; stream < 2; stream++) {
        struct open open;

        begin(&open);
        trail[0] = '\0';
        seed_on_send(open.res, no_body_to_change, NULL);
        if (stream)
            seed_stream_open(open.res, 200, 0);
        seed_resume(open.req, stream ? seed_stream_end(open.res)
            : seed_send_file(open.res, 200, "/proc/self/exe"));
        life_run(&open.life);
        assert_string_equal("n", trail);
        assert_int_equal(203, life_status(&open.client));
        assert_has(life_answer(&open.client), "\r\nX-Late: yes\r\n");
        end(&open);
    }
}

static void shows_what_was_sent(void **state)
{
    struct open open;
    size_t length = 9;

    (void)state;
    begin(&open);
    assert_null(seed_res_bytes(open.res, &length));
    assert_int_equal(0, length);
    assert_null(seed_res_json(open.res));
    open.client.slow = true;
    seed_send_text(open.res, 200, "hello");
    assert_string_equal("hello", seed_res_bytes(open.res, &length));
    assert_int_equal(5, length);
    assert_ptr_equal(open.req, seed_res_req(open.res));
    assert_int_equal(0, seed_res_wire_bytes(open.res));
    seed_resume(open.req, SEED_STOP);
    life_flush(&open.client);
    assert_int_equal(open.client.answer_length, open.life.wire_bytes);
    end(&open);
}

static void closes_when_told(void **state)
{
    struct open open;
    const char *answer;

    (void)state;
    begin(&open);
    seed_res_close(open.res);
    answer = finish(&open);
    assert_has(answer, "\r\nConnection: close\r\n");
    assert_int_equal(SINK_CLOSE, open.client.how);
    end(&open);
}

static void survives_without_memory(void **state)
{
    struct open open;
    struct arena *arena;

    (void)state;
    begin(&open);
    arena = &open.req->arena;
    seed__arena_bytes(arena, (size_t)(arena->end - arena->at));
    atomic_store(&life_memory.fail_in, 1);
    atomic_store(&life_memory.fail_all, true);
    assert_int_equal(SEED_ENOMEM, seed_res_set(open.res, "A", "b"));
    assert_int_equal(SEED_ENOMEM, seed_res_append(open.res, "A", "b"));
    assert_int_equal(SEED_ENOMEM, seed_res_set_unchecked(open.res, "A", "b"));
    assert_int_equal(SEED_ENOMEM, seed_on_send(open.res, note, trail));
    atomic_store(&life_memory.fail_in, 0);
    atomic_store(&life_memory.fail_all, false);
    finish(&open);
    end(&open);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(judges_every_byte),
        cmocka_unit_test(cannot_be_split),
        cmocka_unit_test(keeps_its_own_fields),
        cmocka_unit_test(sets_adds_and_removes),
        cmocka_unit_test(has_one_server_field),
        cmocka_unit_test(is_closed_behind_its_head),
        cmocka_unit_test(changes_what_is_sent),
        cmocka_unit_test(changes_into_bodiless),
        cmocka_unit_test(changes_heads_only),
        cmocka_unit_test(shows_what_was_sent),
        cmocka_unit_test(closes_when_told),
        cmocka_unit_test(survives_without_memory),
    };

    return cmocka_run_group_tests_name("flow/res", tests, life_count_memory,
        NULL);
}
