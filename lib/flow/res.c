/* SPDX-License-Identifier: MIT */
/* An answer before it is sent: its fields, and what can be asked of it. */
#include "flow/req.h"

#include <string.h>

/* Fields that frame the message or rule the connection: one writer only. */
static bool is_ours(struct str name)
{
    static const struct str ours[] = { STR("Content-Length"),
        STR("Transfer-Encoding"), STR("Connection"), STR("Date"),
        STR("Keep-Alive"), STR("Trailer"), STR("Upgrade") };

    for (size_t i = 0; i < COUNT(ours); i++)
        if (seed__str_alike(name, ours[i]))
            return true;
    return false;
}

static int check(const seed_res *res, struct str name, struct str value)
{
    if (res->state != ANSWER_OPEN)
        return SEED_ESENT;
    if (!seed__token_valid(name) || is_ours(name)
        || !seed__field_value_valid(value))
        return SEED_EHEADER;
    return 0;
}

int seed_res_append(seed_res *res, const char *name, const char *value)
{
    struct str field = seed__str(name), text = seed__str(value);
    int err = check(res, field, text);

    if (err)
        return err;
    return seed__pairs_add(&res->fields, &REQ_OF_RES(res)->arena, field, text)
        ? 0
        : SEED_ENOMEM;
}

int seed_res_set(seed_res *res, const char *name, const char *value)
{
    struct str field = seed__str(name), text = seed__str(value);
    int err = check(res, field, text);

    if (err)
        return err;

    seed__pairs_remove(&res->fields, field);
    return seed__pairs_add(&res->fields, &REQ_OF_RES(res)->arena, field, text)
        ? 0
        : SEED_ENOMEM;
}

int seed_res_set_unchecked(seed_res *res, const char *name, const char *value)
{
    struct str field = seed__str(name);

    if (res->state != ANSWER_OPEN)
        return SEED_ESENT;

    seed__pairs_remove(&res->fields, field);
    return seed__pairs_add_borrowed(&res->fields, &REQ_OF_RES(res)->arena,
               field, seed__str(value))
        ? 0
        : SEED_ENOMEM;
}

int seed_res_remove(seed_res *res, const char *name)
{
    if (res->state != ANSWER_OPEN)
        return SEED_ESENT;

    seed__pairs_remove(&res->fields, seed__str(name));
    return 0;
}

const char *seed_res_header(const seed_res *res, const char *name)
{
    const struct pair *pair = seed__pairs_find(&res->fields, seed__str(name));

    return pair ? pair->value.at : NULL;
}

bool seed_res_field(const seed_res *res, size_t index, const char **name,
    const char **value)
{
    if (index >= res->fields.count)
        return false;

    *name = res->fields.list[index].name.at;
    *value = res->fields.list[index].value.at;
    return true;
}

int seed_res_status(const seed_res *res)
{
    return res->status;
}

bool seed_res_sent(const seed_res *res)
{
    return res->state != ANSWER_OPEN;
}

struct json_t *seed_res_json(const seed_res *res)
{
    return res->json;
}

const char *seed_res_bytes(const seed_res *res, size_t *length)
{
    if (length)
        *length = res->has_body ? res->length : 0;
    return res->has_body ? res->bytes : NULL;
}

uint64_t seed_res_wire_bytes(const seed_res *res)
{
    return res->wire_bytes;
}

void seed_res_close(seed_res *res)
{
    res->close = true;
}

int seed_res_change_status(seed_res *res, int status)
{
    if (!res->in_send_stage)
        return SEED_ESTATE;
    if (status < 200 || status > 599)
        return SEED_EINVAL;

    res->status = status;
    return 0;
}

int seed_res_change_body(seed_res *res, const void *bytes, size_t length)
{
    if (!res->in_send_stage || !res->has_body)
        return SEED_ESTATE;

    res->bytes = bytes;
    res->length = length;
    return 0;
}

int seed_on_send(seed_res *res, seed_hook *hook, void *ctx)
{
    struct send_hook *added;

    if (res->state != ANSWER_OPEN || res->in_send_stage)
        return SEED_ESENT;
    added = seed__arena_alloc(&REQ_OF_RES(res)->arena, sizeof *added);
    if (!added)
        return SEED_ENOMEM;

    *added = (struct send_hook){ hook, ctx, NULL };
    if (res->last_send_hook)
        res->last_send_hook->next = added;
    else
        res->send_hooks = added;
    res->last_send_hook = added;
    return 0;
}
