/* SPDX-License-Identifier: MIT */
/* Notes that are made, read, changed and deleted, and never lost because two
 * people change one at the same time.
 *
 *     make build/examples/notes
 *     build/examples/notes 3000
 *     curl -i localhost:3000/notes -H 'Content-Type: application/json' \
 *         -d '{"text": "water the seeds"}'
 *     curl -i localhost:3000/notes/1
 *     curl -i localhost:3000/notes/1 -H 'If-None-Match: "the ETag it had"'
 *     curl -i localhost:3000/notes/1 -X PUT -H 'If-Match: "the ETag"' \
 *         -H 'Content-Type: application/json' -d '{"text": "twice"}'
 *     curl -i localhost:3000/notes/1 -X DELETE -H 'If-Match: "its new ETag"'
 */
#include <inttypes.h>
#include <jansson.h>
#include <seed.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MOST 100
#define TEXT_ROOM 256

struct note {
    char text[TEXT_ROOM];
    char revision[24]; /* changes with every change; "": there is no note */
};

struct store {
    struct note notes[MOST];
    uint64_t changes;
};

static struct note *find(struct store *store, const char *id)
{
    char *end;
    unsigned long number = strtoul(id, &end, 10);

    return *end || number < 1 || number > MOST ? NULL
                                               : &store->notes[number - 1];
}

static seed_step no_such_note(seed_req *req, seed_res *res)
{
    return seed_fail(res, 404, "there is no note %s",
        seed_req_param(req, "id"));
}

static void write_note(seed_json *json, const struct note *note, size_t number)
{
    seed_json_object(json, NULL);
    seed_json_integer(json, "id", (int64_t)number);
    seed_json_string(json, "text", note->text);
    seed_json_end(json);
}

static seed_step send_note(seed_res *res, int status, const struct store *store,
    const struct note *note)
{
    seed_json json;

    seed_json_start(&json, res);
    write_note(&json, note, (size_t)(note - store->notes) + 1);
    return seed_json_send(&json, status);
}

static seed_step list_notes(seed_req *req, seed_res *res, void *ctx)
{
    const struct store *store = ctx;
    seed_json json;

    (void)req;
    seed_json_start(&json, res);
    seed_json_array(&json, NULL);
    for (size_t i = 0; i < MOST; i++)
        if (*store->notes[i].revision)
            write_note(&json, &store->notes[i], i + 1);
    seed_json_end(&json);
    return seed_json_send(&json, 200);
}

static seed_step show_note(seed_req *req, seed_res *res, void *ctx)
{
    const struct note *note = find(ctx, seed_req_param(req, "id"));

    if (!note || !*note->revision)
        return no_such_note(req, res);
    if (seed_check_key(req, res, note->revision))
        return SEED_STOP;
    return send_note(res, 200, ctx, note);
}

static const char *text_of(const seed_req *req)
{
    json_t *body = seed_req_json(req);
    const char *text = json_string_value(json_object_get(body, "text"));

    return text && strlen(text) < TEXT_ROOM ? text : NULL;
}

static void set_text(struct store *store, struct note *note, const char *text)
{
    strcpy(note->text, text);
    snprintf(note->revision, sizeof note->revision, "%" PRIu64,
        ++store->changes);
}

static seed_step add_note(seed_req *req, seed_res *res, void *ctx)
{
    struct store *store = ctx;
    const char *text = text_of(req);
    char id[24], url[64];
    size_t i = 0;

    if (!text)
        return seed_fail(res, 400, "a note has a short \"text\"");
    while (i < MOST && *store->notes[i].revision)
        i++;
    if (i == MOST)
        return seed_fail(res, 507, "%d notes are enough", MOST);

    set_text(store, &store->notes[i], text);
    snprintf(id, sizeof id, "%zu", i + 1);
    seed_route_url(seed_req_server(req), "note", url, sizeof url, "id", id,
        NULL);
    seed_res_set(res, "Location", url);
    return send_note(res, 201, store, &store->notes[i]);
}

/* Who changes a note must say which one he has seen. */
static seed_step want_if_match(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    if (!seed_req_header(req, "If-Match"))
        return seed_fail(res, 428, "send the note's ETag in If-Match");
    return SEED_NEXT;
}

static seed_step change_note(seed_req *req, seed_res *res, void *ctx)
{
    struct note *note = find(ctx, seed_req_param(req, "id"));
    const char *text = text_of(req);

    if (!note || !*note->revision)
        return no_such_note(req, res);
    if (seed_check_key(req, res, note->revision))
        return SEED_STOP;
    if (!text)
        return seed_fail(res, 400, "a note has a short \"text\"");

    set_text(ctx, note, text);
    return send_note(res, 200, ctx, note);
}

static seed_step delete_note(seed_req *req, seed_res *res, void *ctx)
{
    struct note *note = find(ctx, seed_req_param(req, "id"));

    if (!note || !*note->revision)
        return no_such_note(req, res);
    if (seed_check_key(req, res, note->revision))
        return SEED_STOP;

    *note->revision = '\0';
    return seed_send(res, 204);
}

int main(int argc, char **argv)
{
    static struct store store;
    static struct seed_parse_options limits = {.max_body = 4096};
    seed_server *server = seed_server_new(NULL);
    seed_route *route;
    int error;

    /* Revisions of an earlier run, which clients may still have, are never
     * given again. */
    store.changes = (uint64_t)time(NULL) * 1000;

    seed_use(server, seed_parse_json, &limits);
    route = seed_get(server, "/notes", seed_conditional, NULL);
    seed_route_then(route, list_notes, &store);
    seed_post(server, "/notes", add_note, &store);
    route = seed_get(server, "/notes/:id", show_note, &store);
    seed_route_name(route, "note");
    route = seed_put(server, "/notes/:id", want_if_match, NULL);
    seed_route_then(route, change_note, &store);
    route = seed_del(server, "/notes/:id", want_if_match, NULL);
    seed_route_then(route, delete_note, &store);

    seed_listen(server, "localhost", argc > 1 ? atoi(argv[1]) : 3000);
    printf("listening on %s\n", seed_server_url(server));
    fflush(stdout);
    if ((error = seed_run(server)))
        fprintf(stderr, "%s\n", seed_server_error(server));
    seed_server_free(server);
    return error != 0;
}
