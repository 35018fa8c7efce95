/* SPDX-License-Identifier: MIT */
/* The message that evhttp gets for each that was accepted. */
#include "wire/message.h"

#include "unit/wire/rig.h"

#include <event2/buffer.h>

#include <unistd.h>

static struct rig rig;

static const struct {
    const char *sent;
    bool keep;
    const char *written;
} messages[] = {
    { "GET /wait?a=%20 HTTP/1.1\r\nHost: a\r\nX:  y \r\n\r\n", true,
        "GET /wait?a=%20 HTTP/1.1\r\nHost: a\r\nX: y\r\n\r\n" },
    { "GET /wait HTTP/1.1\r\nhost: a\r\nConnection: keep-alive, x\r\n"
      "TE: trailers\r\nUpgrade: b\r\nKeep-Alive: 1\r\n\r\n", false,
        "GET /wait HTTP/1.1\r\nhost: a\r\nConnection: close\r\n\r\n" },
    { "GET /wait HTTP/1.0\r\n\r\n", false, "GET /wait HTTP/1.0\r\n\r\n" },
    { "HEAD /wait HTTP/1.1\r\nHost: a\r\n\r\n", true,
        "HEAD /wait HTTP/1.1\r\nHost: a\r\n\r\n" },
    { "GET http://b/wait HTTP/1.1\r\nHost: b\r\n\r\n", true,
        "GET http://b/wait HTTP/1.1\r\nHost: b\r\n\r\n" },
};

static void check(const char *sent, bool keep, const char *want)
{
    struct evbuffer *to = evbuffer_new();
    int client = rig_connect(&rig);
    size_t length = strlen(want);

    rig_send(&rig, client, sent);
    assert_non_null(rig.waiting);
    assert_true(seed__message_known(rig.waiting));
    assert_true(seed__message_write(to, rig.waiting, keep));
    assert_int_equal(length, evbuffer_get_length(to));
    assert_memory_equal(want, evbuffer_pullup(to, -1), length);
    rig_answer(&rig);
    close(client);
    evbuffer_free(to);
}

static void says_it_in_canonical_form(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(messages); i++)
        check(messages[i].sent, messages[i].keep, messages[i].written);
}

/* A body belongs to the message once it was read; before that it is empty. */
static void says_one_length(void **state)
{
    (void)state;
    check("POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n", true,
        "POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    check("POST /wait HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n"
          "Trailer: x\r\nExpect: 100-continue\r\n\r\n0\r\n\r\n", true,
        "POST /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n");
    check("HEAD /wait HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\nx", true,
        "HEAD /wait HTTP/1.1\r\nHost: a\r\n\r\n");
}

static void knows_evhttps_methods(void **state)
{
    int client = rig_connect(&rig);

    (void)state;
    rig_send(&rig, client, "PROPFIND /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_false(seed__message_known(rig.waiting));
    assert_false(seed__message_is_head(rig.waiting));
    rig_answer(&rig);
    rig_send(&rig, client, "HEAD /wait HTTP/1.1\r\nHost: a\r\n\r\n");
    assert_true(seed__message_is_head(rig.waiting));
    rig_answer(&rig);
    close(client);
}

static void decodes_the_path(void **state)
{
    int client = rig_connect(&rig);
    char *path;

    (void)state;
    rig_send(&rig, client, GET("http://a/%77ait?x=%20"));
    path = seed__message_path(rig.waiting);
    assert_string_equal("/wait", path);
    seed__release(path);
    rig_answer(&rig);
    close(client);
}

static int open_rig(void **state)
{
    (void)state;
    rig_open(&rig);
    return 0;
}

static int close_rig(void **state)
{
    (void)state;
    rig_close(&rig);
    return 0;
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(says_it_in_canonical_form),
        cmocka_unit_test(says_one_length),
        cmocka_unit_test(knows_evhttps_methods),
        cmocka_unit_test(decodes_the_path),
    };

    return cmocka_run_group_tests(tests, open_rig, close_rig);
}
