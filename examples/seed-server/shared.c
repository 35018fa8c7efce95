/* SPDX-License-Identifier: MIT */
/* The article's util.js, but for the etagger, which each mode has of its own:
 * content, timestamp, fetch_content; and the cache that the etaggers keep. */
#include "shared.h"

#include <jansson.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define MOST_WORKERS 256

static char content[CONTENT_LENGTH + 1];
static int64_t step;
static _Atomic int64_t last;

/* The time of the newest tick, for a minute is not a matter of milliseconds:
 * the exact one costs more than routing does. */
static int64_t read_clock(void)
{
    struct timespec now;

    clock_gettime(CLOCK_REALTIME_COARSE, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int64_t (*wall_clock)(void) = read_clock;

/* getrandom(2) may give less than it is asked for. */
static bool draw(unsigned char *bytes, size_t length)
{
    size_t have = 0;

    while (have < length) {
        ssize_t more = getrandom(bytes + have, length - have, 0);

        if (more < 0)
            return false;
        have += (size_t)more;
    }
    return true;
}

bool grow_seed(int64_t granularity)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char bytes[CONTENT_LENGTH / 2];

    if (!draw(bytes, sizeof bytes))
        return false;
    for (size_t i = 0; i < sizeof bytes; i++) {
        content[2 * i] = digits[bytes[i] >> 4];
        content[2 * i + 1] = digits[bytes[i] & 15];
    }

    step = granularity;
    last = wall_clock();
    return true;
}

int64_t timestamp(void)
{
    int64_t now = wall_clock();
    int64_t seen = last;

    if (now - seen < step)
        return seen;

    /* Of two workers that get here together, one moves the time; the other
     * then finds in `seen` what it has become. */
    return atomic_compare_exchange_strong(&last, &seen, now) ? now : seen;
}

/* A fetch that is under way. */
struct fetch {
    seed_req *req;
    const char *url;
    content_handler *callback;
};

static void finish_fetch(void *ctx)
{
    const struct fetch *fetch = ctx;
    seed_req *req = fetch->req;
    bool found = strcmp(fetch->url, "/seed/v1") == 0;

    seed_resume(req,
        fetch->callback(req, seed_req_res(req), found ? content : NULL));
}

seed_step fetch_content(seed_req *req, const char *url,
    content_handler *callback)
{
    struct fetch *fetch = seed_req_alloc(req, sizeof *fetch);

    if (!fetch)
        return seed_fail(seed_req_res(req), 503, "out of memory");

    fetch->req = req;
    fetch->url = url;
    fetch->callback = callback;
    if (seed_next_turn(seed_req_worker(req), finish_fetch, fetch))
        return seed_fail(seed_req_res(req), 503, "out of memory");
    return SEED_WAIT;
}

seed_step send_not_found(seed_res *res)
{
    return seed_send_json(res, 404, json_pack("{s:i}", "statusCode", 404));
}

/* Where a key is, or how many there are when it is not. */
static unsigned find(const struct cache *cache, const char *key)
{
    unsigned at = 0;

    while (at < cache->count && strcmp(cache->entries[at].key, key) != 0)
        at++;
    return at;
}

const char *cache_find(const struct cache *cache, const char *key)
{
    unsigned at = find(cache, key);

    return at < cache->count ? cache->entries[at].etag : NULL;
}

void cache_store(struct cache *cache, const char *key, const char *etag)
{
    unsigned at = find(cache, key);

    if (at < cache->count && strcmp(cache->entries[at].etag, etag) == 0)
        return;
    if (strlen(key) >= HASH_ROOM || strlen(etag) >= HASH_ROOM)
        return;

    if (at == CACHE_ROOM) {
        at = cache->oldest;
        cache->oldest = (at + 1) % CACHE_ROOM;
    } else if (at == cache->count) {
        cache->count++;
    }
    strcpy(cache->entries[at].key, key);
    strcpy(cache->entries[at].etag, etag);
}

void *new_etaggers(
    void (*attach_after_event)(struct etagger *own, seed_server *server))
{
    static struct etagger etaggers[MOST_WORKERS];

    for (unsigned i = 0; i < MOST_WORKERS; i++)
        etaggers[i].attach_after_event = attach_after_event;
    return etaggers;
}

struct etagger *etagger_of(void *etaggers, const seed_req *req)
{
    return (struct etagger *)etaggers
        + seed_worker_index(seed_req_worker(req));
}

void hash_text(const char *text, char hash[HASH_ROOM])
{
    if (seed_digest_hex(SEED_SHA512, text, strlen(text), hash, HASH_ROOM))
        *hash = '\0';
}

void hash_json(const struct json_t *value, char hash[HASH_ROOM])
{
    char *text = json_dumps(value, JSON_COMPACT);

    hash_text(text ? text : "", hash);
    free(text);
}
