/* SPDX-License-Identifier: MIT */
#include <seed.h>

#include "unit/failing.h"

#include "flow/req.h"

#include <jansson.h>
#include <math.h>
#include <setjmp.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* As much of a request as a text needs. */
struct fixture {
    seed_req req;
    char first[512];
};

static struct fixture *begin(seed_json *json)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);

    seed__arena_init(&fixture->req.arena, fixture->first,
        sizeof fixture->first);
    seed_json_start(json, &fixture->req.res);
    return fixture;
}

static void end(struct fixture *fixture)
{
    seed__arena_clear(&fixture->req.arena, fixture->first,
        sizeof fixture->first);
    free(fixture);
}

/* --- strings -------------------------------------------------------------- */

#define BAD "\xef\xbf\xbd"

static const struct {
    const char *bytes;
    size_t length;
    const char *want;
} strings[] = {
    {"", 0, "\"\""},
    {"plain", 5, "\"plain\""},
    {"a\"b\\c/d", 7, "\"a\\\"b\\\\c/d\""},
    {"\b\f\n\r\t", 5, "\"\\b\\f\\n\\r\\t\""},
    {"\0\x01\x1f\x7f", 4, "\"\\u0000\\u0001\\u001F\x7f\""},
    {"J\xc3\xb6rg \xe2\x82\xac \xf0\x9f\x8c\xb1", 14,
        "\"J\xc3\xb6rg \xe2\x82\xac \xf0\x9f\x8c\xb1\""},
    {"\xff", 1, "\"" BAD "\""},
    {"a\xc3", 2, "\"a" BAD "\""},
    {"\xed\xa0\x80", 3, "\"" BAD BAD BAD "\""},
    {"\xe2\x82z", 3, "\"" BAD "z\""},
    {"\xc0\xaf", 2, "\"" BAD BAD "\""},
};

static void escapes_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(strings); i++) {
        seed_json json;
        struct fixture *fixture = begin(&json);
        size_t length;

        seed_json_bytes(&json, NULL, strings[i].bytes, strings[i].length);
        assert_string_equal(strings[i].want, seed_json_text(&json, &length));
        assert_int_equal(strlen(strings[i].want), length);
        end(fixture);
    }
}

/* Growth by escapes: each byte becomes six. */
static void has_room_for_escapes(void **state)
{
    (void)state;
    for (size_t count = 0; count < 3000; count += 37) {
        seed_json json;
        struct fixture *fixture = begin(&json);
        char *bytes = malloc(count + 1);
        size_t length;
        const char *text;

        memset(bytes, 1, count);
        seed_json_array(&json, NULL);
        seed_json_bytes(&json, NULL, bytes, count);
        seed_json_end(&json);
        text = seed_json_text(&json, &length);
        assert_int_equal(6 * count + 4, length);
        assert_memory_equal("\"]", text + length - 2, 3);
        for (size_t i = 0; i < count; i++)
            assert_memory_equal("\\u0001", text + 2 + 6 * i, 6);
        free(bytes);
        end(fixture);
    }
}

/* --- values --------------------------------------------------------------- */

static void write_all_kinds(seed_json *json)
{
    seed_json_object(json, NULL);
    seed_json_string(json, "text", "a");
    seed_json_string(json, "no text", NULL);
    seed_json_integer(json, "least", INT64_MIN);
    seed_json_integer(json, "most", INT64_MAX);
    seed_json_number(json, "real", 0.5);
    seed_json_number(json, "not a number", NAN);
    seed_json_number(json, "infinite", -INFINITY);
    seed_json_bool(json, "yes", true);
    seed_json_bool(json, "no", false);
    seed_json_null(json, "null");
    seed_json_raw(json, "raw", "[1]", 3);
    seed_json_raw_string(json, "hex", "00ff", 4);
    seed_json_array(json, "k\"ey");
    seed_json_end(json);
    seed_json_object(json, "");
    seed_json_end(json);
    seed_json_end(json);
}

static void writes_all_kinds(void **state)
{
    seed_json json;
    struct fixture *fixture = begin(&json);

    (void)state;
    write_all_kinds(&json);
    assert_string_equal("{\"text\":\"a\",\"no text\":null,"
                        "\"least\":-9223372036854775808,"
                        "\"most\":9223372036854775807,\"real\":0.5,"
                        "\"not a number\":null,\"infinite\":null,"
                        "\"yes\":true,\"no\":false,\"null\":null,\"raw\":[1],"
                        "\"hex\":\"00ff\",\"k\\\"ey\":[],\"\":{}}",
        seed_json_text(&json, NULL));
    end(fixture);
}

static void starts_empty(void **state)
{
    seed_json json;
    struct fixture *fixture = begin(&json);
    size_t length = 9;

    (void)state;
    assert_string_equal("", seed_json_text(&json, &length));
    assert_int_equal(0, length);
    end(fixture);
}

/* What is reserved is not moved, even when other pieces follow it. */
static void reserves_room(void **state)
{
    seed_json json;
    struct fixture *fixture = begin(&json);
    const char *before;

    (void)state;
    seed_json_reserve(&json, 5000);
    before = seed_json_text(&json, NULL);
    assert_non_null(seed_req_alloc(&fixture->req, 16));
    seed_json_array(&json, NULL);
    for (int i = 0; i < 1000; i++)
        seed_json_integer(&json, NULL, 1234);
    assert_ptr_equal(before, seed_json_text(&json, NULL));
    end(fixture);
}

/* --- places --------------------------------------------------------------- */

static void key_in_array(seed_json *json)
{
    seed_json_array(json, NULL);
    seed_json_null(json, "key");
}

static void key_at_top(seed_json *json)
{
    seed_json_null(json, "key");
}

static void no_key_in_object(seed_json *json)
{
    seed_json_object(json, NULL);
    seed_json_array(json, NULL);
}

static void two_tops(seed_json *json)
{
    seed_json_null(json, NULL);
    seed_json_null(json, NULL);
}

static void end_of_nothing(seed_json *json)
{
    seed_json_array(json, NULL);
    seed_json_end(json);
    seed_json_end(json);
}

static void too_deep(seed_json *json)
{
    for (int i = 0; i < 65; i++)
        seed_json_array(json, NULL);
}

static void too_large(seed_json *json)
{
    seed_json_reserve(json, SIZE_MAX / 2);
}

static void object_in_array_in_object(seed_json *json)
{
    seed_json_object(json, NULL);
    seed_json_array(json, "a");
    seed_json_object(json, NULL);
    seed_json_end(json);
    seed_json_integer(json, NULL, 1);
    seed_json_end(json);
    seed_json_integer(json, NULL, 1); /* the object wants a key again */
}

static void (*const mistakes[])(seed_json *) = {
    key_in_array, key_at_top, no_key_in_object, two_tops, end_of_nothing,
    too_deep, too_large, object_in_array_in_object,
};

static void notices_mistakes(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(mistakes); i++) {
        seed_json json;
        struct fixture *fixture = begin(&json);
        size_t length = 9;

        mistakes[i](&json);
        assert_null(seed_json_text(&json, &length));
        assert_int_equal(0, length);
        seed_json_integer(&json, NULL, 1);
        seed_json_end(&json);
        assert_null(seed_json_text(&json, NULL));
        end(fixture);
    }
}

static void nests_64_levels(void **state)
{
    seed_json json;
    struct fixture *fixture = begin(&json);
    const char *text;
    size_t length;

    (void)state;
    seed_json_object(&json, NULL);
    for (int i = 1; i < 64; i++)
        if (i % 2)
            seed_json_array(&json, "a");
        else
            seed_json_object(&json, NULL);
    for (int i = 0; i < 64; i++)
        seed_json_end(&json);
    text = seed_json_text(&json, &length);
    assert_non_null(text);
    assert_int_equal(32 * (strlen("{\"a\":[]}")), length);
    assert_memory_equal("{\"a\":[{\"a\":[", text, 12);
    assert_memory_equal("]}]}]}", text + length - 6, 7);
    end(fixture);
}

/* --- against jansson ------------------------------------------------------ */

static unsigned draw(unsigned below)
{
    static uint64_t bits = 88172645463325252u;

    bits ^= bits << 13;
    bits ^= bits >> 7;
    bits ^= bits << 17;
    return (unsigned)(bits >> 33) % below;
}

static char *random_string(size_t *length)
{
    static const char *const pieces[] = {"a", "0", " ", "\"", "\\", "/", "\n",
        "\x01", "\x1f", "\x7f", "\xc3\xbc", "\xe2\x82\xac",
        "\xf0\x9f\x8c\xb1", "0123456789abcdefghijklmnopqrstuvwxyz", "\t"};
    static char text[8192];
    unsigned count = draw(40);

    *length = 0;
    for (unsigned i = 0; i < count; i++) {
        const char *piece = pieces[draw(COUNT(pieces))];

        memcpy(text + *length, piece, strlen(piece));
        *length += strlen(piece);
    }
    text[*length] = '\0';
    return text;
}

static double random_real(bool any)
{
    union {
        unsigned words[2];
        double real;
    } bits = {{draw(1u << 31), draw(1u << 31)}};

    if (any && isfinite(bits.real))
        return bits.real;
    return (double)draw(1000) + 0.5;
}

/* Leaf functions of `random_tree`, which recurses on its own dice only. */
static json_t *random_leaf(bool any_real)
{
    size_t length;
    char *text;

    switch (draw(6)) {
    case 0:
        return json_true();
    case 1:
        return json_null();
    case 2:
        return json_integer((json_int_t)draw(1u << 31) - (1 << 30));
    case 3:
        return json_real(random_real(any_real));
    default:
        text = random_string(&length);
        return json_stringn(text, length);
    }
}

static json_t *random_tree(unsigned depth, bool any_real)
{
    unsigned kind = depth ? draw(3) : 0, count = draw(8);
    json_t *value = kind == 1 ? json_array() : json_object();

    if (!kind) {
        json_decref(value);
        return random_leaf(any_real);
    }
    for (unsigned i = 0; i < count; i++) {
        json_t *member = random_tree(depth - 1, any_real);
        size_t length;

        if (kind == 1)
            json_array_append_new(value, member);
        else
            json_object_set_new(value, random_string(&length), member);
    }
    return value;
}

static void write_tree(seed_json *json, const char *key, json_t *value)
{
    const char *name;
    json_t *member;
    size_t i;

    switch (json_typeof(value)) {
    case JSON_OBJECT:
        seed_json_object(json, key);
        json_object_foreach(value, name, member)
            write_tree(json, name, member);
        seed_json_end(json);
        break;
    case JSON_ARRAY:
        seed_json_array(json, key);
        json_array_foreach(value, i, member)
            write_tree(json, NULL, member);
        seed_json_end(json);
        break;
    case JSON_STRING:
        seed_json_bytes(json, key, json_string_value(value),
            json_string_length(value));
        break;
    case JSON_INTEGER:
        seed_json_integer(json, key, json_integer_value(value));
        break;
    case JSON_REAL:
        seed_json_number(json, key, json_real_value(value));
        break;
    case JSON_NULL:
        seed_json_null(json, key);
        break;
    default:
        seed_json_bool(json, key, json_is_true(value));
    }
}

static void compare(json_t *tree, bool spaced)
{
    size_t flags = JSON_ENCODE_ANY | (spaced ? 0 : JSON_COMPACT);
    char *want = json_dumps(tree, flags);
    seed_json json;
    struct fixture *fixture = begin(&json);

    if (spaced)
        seed_json_start_spaced(&json, &fixture->req.res);
    write_tree(&json, NULL, tree);
    assert_string_equal(want, seed_json_text(&json, NULL));
    free(want);
    end(fixture);
}

static void writes_as_jansson_does(void **state)
{
    (void)state;
    for (int i = 0; i < 2000; i++) {
        json_t *tree = random_tree(5, false);

        compare(tree, false);
        compare(tree, true);
        json_decref(tree);
    }
}

/* Reals have fewer digits than jansson's, and are the same when read. */
static void is_read_back_by_jansson(void **state)
{
    (void)state;
    for (int i = 0; i < 2000; i++) {
        json_t *tree = random_tree(5, true), *again;
        seed_json json;
        struct fixture *fixture = begin(&json);
        const char *text;
        size_t length;

        write_tree(&json, NULL, tree);
        text = seed_json_text(&json, &length);
        again = json_loadb(text, length, JSON_DECODE_ANY, NULL);
        assert_non_null(again);
        assert_true(json_equal(tree, again));
        json_decref(again);
        json_decref(tree);
        end(fixture);
    }
}

/* --- sent ----------------------------------------------------------------- */

static seed_step send_good(seed_req *req, seed_res *res, void *ctx)
{
    seed_json json;

    (void)req;
    (void)ctx;
    seed_json_start_spaced(&json, res);
    seed_json_object(&json, NULL);
    seed_json_integer(&json, "a", 1);
    seed_json_bool(&json, "b", true);
    seed_json_end(&json);
    return seed_json_send(&json, 201);
}

static seed_step send_untyped(seed_req *req, seed_res *res, void *ctx)
{
    seed_json json;

    (void)req;
    (void)ctx;
    seed_json_start(&json, res);
    seed_json_integer(&json, NULL, 7);
    return seed_json_send_untyped(&json, 200);
}

static seed_step send_open(seed_req *req, seed_res *res, void *ctx)
{
    seed_json json;

    (void)req;
    (void)ctx;
    seed_json_start(&json, res);
    seed_json_array(&json, NULL);
    return seed_json_send(&json, 200);
}

static seed_step send_nothing(seed_req *req, seed_res *res, void *ctx)
{
    seed_json json;

    (void)req;
    (void)ctx;
    seed_json_start(&json, res);
    return seed_json_send(&json, 200);
}

static void keep_warning(const char *line, void *ctx)
{
    snprintf(ctx, 256, "%s", line);
}

static void check_sent(seed_server *server, const char *url, int status,
    const char *type, const char *body)
{
    struct seed_injection injection = {.url = url};
    seed_reply *reply = seed_inject(server, &injection);
    const char *got_type;

    assert_non_null(reply);
    assert_int_equal(status, seed_reply_status(reply));
    got_type = seed_reply_header(reply, "Content-Type");
    if (type)
        assert_string_equal(type, got_type);
    else
        assert_null(got_type);
    assert_string_equal(body, seed_reply_body(reply, NULL));
    seed_reply_free(reply);
}

static void sends_and_warns(void **state)
{
    static const char failed[] =
        "{\"code\":\"InternalServer\","
        "\"message\":\"the answer could not be written as JSON\"}";
    char warning[256] = "";
    seed_server *server = seed_server_new((&(struct seed_options){
        .warn = keep_warning, .warn_ctx = warning}));

    (void)state;
    seed_get(server, "/good", send_good, NULL);
    seed_get(server, "/untyped", send_untyped, NULL);
    seed_get(server, "/open", send_open, NULL);
    seed_get(server, "/nothing", send_nothing, NULL);

    check_sent(server, "/good", 201, "application/json",
        "{\"a\": 1, \"b\": true}");
    check_sent(server, "/untyped", 200, NULL, "7");
    assert_string_equal("", warning);
    check_sent(server, "/open", 500, "application/json", failed);
    assert_non_null(strstr(warning, "GET /open"));
    assert_non_null(strstr(warning, "was left open"));
    check_sent(server, "/nothing", 500, "application/json", failed);
    seed_server_free(server);
}

/* Who asks for much when memory is exhausted, wherever the room ends. */
static void ask_for_much(seed_json *json, unsigned way)
{
    static char filler[70000], controls[40];

    memset(filler, 'f', sizeof filler);
    memset(controls, '\1', sizeof controls - 1);
    if (way == 0)
        seed_json_raw(json, "k", filler, sizeof filler);
    else if (way == 1)
        seed_json_raw_string(json, "k", filler, sizeof filler);
    else if (way == 2)
        seed_json_null(json, controls); /* each becomes six bytes */
    else
        seed_json_bytes(json, "k", filler, sizeof filler);
}

static void fails_without_memory(size_t length, unsigned way)
{
    static const char some[3000];
    seed_json json;
    struct fixture *fixture = begin(&json);

    seed_json_object(&json, NULL);
    seed_json_raw_string(&json, "a", some, length);
    failing.left = 0;
    ask_for_much(&json, way);
    if (failing.left < 0)
        assert_null(seed_json_text(&json, NULL));
    failing.left = -1;
    end(fixture);
}

static void survives_without_memory(void **state)
{
    (void)state;
    for (size_t length = 0; length < 3000; length++)
        for (unsigned way = 0; way < 4; way++)
            if (way == 2 || length % 100 == 0)
                fails_without_memory(length, way);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(escapes_strings),
        cmocka_unit_test(has_room_for_escapes),
        cmocka_unit_test(writes_all_kinds),
        cmocka_unit_test(starts_empty),
        cmocka_unit_test(reserves_room),
        cmocka_unit_test(notices_mistakes),
        cmocka_unit_test(nests_64_levels),
        cmocka_unit_test(writes_as_jansson_does),
        cmocka_unit_test(is_read_back_by_jansson),
        cmocka_unit_test(sends_and_warns),
        cmocka_unit_test(survives_without_memory),
    };

    if (failing_install())
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
