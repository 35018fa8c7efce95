/* SPDX-License-Identifier: MIT */
#include "watch/track.h"
#include "watch/thread.h"

#include <stdatomic.h>
#include <string.h>

enum { DEPTH = 8 }; /* of handlers and hooks inside of each other */

struct step {
    _Atomic(const seed_site *) site;
    _Atomic(const seed_route *) route;
    _Atomic(const char *) method, url;
};

struct track {
    _Atomic uint64_t version; /* odd while it changes */
    _Atomic unsigned depth;
    struct step steps[DEPTH];
    unsigned users;
};

/* Initial-exec, as in flow/trace.c: the access is one load. */
static _Thread_local struct track *here
    __attribute__((tls_model("initial-exec")));

/* --- the thread's side ---------------------------------------------------- */

#define PUT(at, value) \
    atomic_store_explicit((at), (value), memory_order_release)

static void enter(const seed_site *site, seed_req *req, void *ctx)
{
    struct track *track = here;
    uint64_t version;
    unsigned depth;

    (void)ctx;
    if (!track)
        return;

    version = atomic_load_explicit(&track->version, memory_order_relaxed);
    depth = atomic_load_explicit(&track->depth, memory_order_relaxed);
    atomic_store_explicit(&track->version, version + 1, memory_order_relaxed);
    if (depth < DEPTH) {
        struct step *step = &track->steps[depth];

        PUT(&step->site, site);
        PUT(&step->route, req ? seed_req_route(req) : NULL);
        PUT(&step->method, req ? seed_req_method(req) : NULL);
        PUT(&step->url, req ? seed_req_url(req) : NULL);
    }
    PUT(&track->depth, depth + 1);
    PUT(&track->version, version + 2);
}

/* The hook that opened the track is left without having been entered. */
static void leave(const seed_site *site, seed_req *req, void *ctx)
{
    struct track *track = here;
    uint64_t version;
    unsigned depth;

    (void)site;
    (void)req;
    (void)ctx;
    if (!track)
        return;

    version = atomic_load_explicit(&track->version, memory_order_relaxed);
    depth = atomic_load_explicit(&track->depth, memory_order_relaxed);
    if (!depth)
        return;
    atomic_store_explicit(&track->version, version + 1, memory_order_relaxed);
    PUT(&track->depth, depth - 1);
    PUT(&track->version, version + 2);
}

int seed__track_trace(seed_server *server)
{
    return seed_trace(server, &(seed_tracer){ .enter = enter,
        .leave = leave });
}

struct track *seed__track_open(void)
{
    if (!here) {
        here = seed_resize(NULL, sizeof *here);
        if (here)
            memset(here, 0, sizeof *here);
    }
    if (here)
        here->users++;
    return here;
}

void seed__track_close(struct track *track)
{
    if (!track || --track->users)
        return;

    here = NULL;
    seed_release(track);
}

/* --- the looker's side ---------------------------------------------------- */

#define GET(at) atomic_load_explicit((at), memory_order_acquire)

/* Text that may be gone at any moment. */
static void peek_text(const char *from, char *out, size_t room)
{
    size_t length = from ? seed__thread_peek(from, out, room - 1) : 0;

    out[length] = '\0';
}

static void look(const struct track *track, struct place *place)
{
    unsigned depth = GET(&track->depth);
    const struct step *step;

    memset(place, 0, sizeof *place);
    if (!depth)
        return;

    step = &track->steps[(depth < DEPTH ? depth : DEPTH) - 1];
    place->site = GET(&step->site);
    place->route = GET(&step->route);
    peek_text(GET(&step->method), place->method, sizeof place->method);
    peek_text(GET(&step->url), place->url, sizeof place->url);
}

/* Only when the thread stood where it stood all the while was the request
 * there, and its text what was read. */
bool seed__track_look(const struct track *track, struct place *place)
{
    for (int tries = 0; tries < 3; tries++) {
        uint64_t version = GET(&track->version);

        look(track, place);
        if (!(version & 1) && GET(&track->version) == version)
            return true;
    }
    memset(place, 0, sizeof *place);
    return false;
}
