/* SPDX-License-Identifier: MIT */
#include "wire/watch.h"

#include "base/mem.h"

#include <seed/error.h>

#include <event2/event.h>

struct watch {
    struct event *event;
    void (*ready)(void *ctx);
    void *ctx;
};

static void on_event(evutil_socket_t fd, short what, void *ctx)
{
    struct watch *watch = ctx;

    (void)fd;
    (void)what;
    watch->ready(watch->ctx);
}

int seed__watch_new(struct watch **out, struct event_base *base, int fd,
    void (*ready)(void *ctx), void *ctx)
{
    struct watch *watch = seed__alloc_zeroed(sizeof *watch);

    if (!watch)
        return SEED_ENOMEM;

    watch->ready = ready;
    watch->ctx = ctx;
    watch->event = event_new(base, fd, EV_READ | EV_PERSIST, on_event, watch);
    if (!watch->event || event_add(watch->event, NULL)) {
        seed__watch_free(watch);
        return SEED_ENOMEM;
    }
    *out = watch;
    return 0;
}

void seed__watch_free(struct watch *watch)
{
    if (!watch)
        return;

    if (watch->event)
        event_free(watch->event);
    seed__release(watch);
}
