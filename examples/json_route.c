/* SPDX-License-Identifier: MIT */
/* JSON in and JSON out: a list of fruit that grows.
 *
 *     make build/examples/json_route
 *     build/examples/json_route 3000
 *     curl localhost:3000/fruit/1
 *     curl localhost:3000/fruit -H 'Content-Type: application/json' \
 *         -d '{"name": "plum", "grams": 60}'
 *
 * What comes in is parsed by the plugin seed_parse_json() into a jansson
 * value. What goes out is written as text straight into the answer: there is
 * no tree of values to build and to serialise.
 */
#include <jansson.h>
#include <seed.h>
#include <stdio.h>
#include <stdlib.h>

#define MOST 100

struct fruit {
    char name[32];
    int64_t grams;
};

struct store {
    struct fruit fruit[MOST];
    size_t count;
};

static const struct fruit *find(const struct store *store, const char *id)
{
    char *end;
    unsigned long number = strtoul(id, &end, 10);

    return *end || number < 1 || number > store->count
        ? NULL : &store->fruit[number - 1];
}

static void write_fruit(seed_json *json, const struct fruit *fruit)
{
    seed_json_object(json, NULL);
    seed_json_string(json, "name", fruit->name);
    seed_json_integer(json, "grams", fruit->grams);
    seed_json_end(json);
}

static seed_step show_fruit(seed_req *req, seed_res *res, void *ctx)
{
    const struct fruit *fruit = find(ctx, seed_req_param(req, "id"));
    seed_json json;

    if (!fruit)
        return seed_fail(res, 404, "no fruit has the number %s",
            seed_req_param(req, "id"));

    seed_json_start(&json, res);
    write_fruit(&json, fruit);
    return seed_json_send(&json, 200);
}

static seed_step list_fruit(seed_req *req, seed_res *res, void *ctx)
{
    const struct store *store = ctx;
    seed_json json;

    (void)req;
    seed_json_start(&json, res);
    seed_json_array(&json, NULL);
    for (size_t i = 0; i < store->count; i++)
        write_fruit(&json, &store->fruit[i]);
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

static seed_step add_fruit(seed_req *req, seed_res *res, void *ctx)
{
    struct store *store = ctx;
    struct fruit *fruit = &store->fruit[store->count];
    json_int_t grams;
    const char *name;

    if (store->count == MOST)
        return seed_fail(res, 507, "%d kinds of fruit are enough", MOST);
    if (json_unpack(seed_req_json(req), "{s:s, s:I}", "name", &name, "grams",
            &grams))
        return seed_fail(res, 400, "a fruit has a \"name\" and \"grams\"");

    snprintf(fruit->name, sizeof fruit->name, "%s", name);
    fruit->grams = grams;
    store->count++;
    seed_res_set(res, "Location",
        seed_req_printf(req, "/fruit/%zu", store->count));
    return seed_send(res, 201);
}

int main(int argc, char **argv)
{
    static struct store store = {{{"apple", 180}, {"pear", 170}}, 2};
    seed_server *server = seed_server_new(NULL);
    int error;

    seed_get(server, "/fruit", list_fruit, &store);
    seed_get(server, "/fruit/:id", show_fruit, &store);
    seed_route_then(seed_post(server, "/fruit", seed_parse_json, NULL),
        add_fruit, &store);

    if (!seed_listen(server, "localhost", argc > 1 ? atoi(argv[1]) : 3000))
        fprintf(stderr, "listening on %s\n", seed_server_url(server));
    if ((error = seed_run(server)))
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    return error != 0;
}
