/* SPDX-License-Identifier: MIT */
/* Any bytes become a JSON string that a strict reader accepts, and that is no
 * shorter: U+FFFD has three bytes and stands for three at most. */
#include "flow/req.h"

#include <seed/json.h>

#include <assert.h>
#include <jansson.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    static seed_req req;
    char first[256];
    seed_json json;
    size_t length;
    const char *text;
    json_t *value;

    seed__arena_init(&req.arena, first, sizeof first);
    seed_json_start(&json, &req.res);
    seed_json_bytes(&json, NULL, (const char *)bytes, size);
    text = seed_json_text(&json, &length);

    value = json_loadb(text, length, JSON_DECODE_ANY | JSON_ALLOW_NUL, NULL);
    assert(value && json_string_length(value) >= size);
    json_decref(value);
    seed__arena_clear(&req.arena, first, sizeof first);
    return 0;
}
