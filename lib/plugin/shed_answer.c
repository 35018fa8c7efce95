/* SPDX-License-Identifier: MIT */
/* What a refused request is told. All of it is written beforehand: under load,
 * saying no is what is done most. */
#include "plugin/shed.h"

#include <seed/error.h>
#include <seed/res.h>

#include <stdio.h>
#include <string.h>

static const char unavailable[] = "Service Unavailable";

static void write_text(char *out, size_t room, unsigned reasons)
{
    static const char *const names[SEED_SHED_REASONS] = { "event loop", "heap",
        "rss", "concurrency" };
    size_t at = (size_t)snprintf(out, room,
        "Server experiencing heavy load: (");
    const char *between = "";

    for (unsigned i = 0; i < SEED_SHED_REASONS; i++) {
        if (!(reasons >> i & 1))
            continue;
        at += (size_t)snprintf(out + at, room - at, "%s%s", between, names[i]);
        between = ", ";
    }
    snprintf(out + at, room - at, ")");
}

void seed__shed_write_texts(seed_shed *shed)
{
    for (unsigned i = 0; i < SHED_JITTER; i++)
        snprintf(shed->retry[i], sizeof shed->retry[i], "%u",
            shed->options.client_retry_secs + i);
    for (unsigned i = 0; i < SHED_SETS; i++) {
        write_text(shed->text[i], sizeof shed->text[i], i);
        shed->length[i] = strlen(shed->text[i]);
    }
}

/* Xorshift: good enough that clients do not come back in step. */
static const char *pick_retry(struct shed_worker *worker)
{
    uint32_t random = worker->random;

    random ^= random << 13;
    random ^= random >> 17;
    random ^= random << 5;
    worker->random = random;
    return worker->shed->retry[random % SHED_JITTER];
}

static seed_step fail(const seed_shed *shed, seed_res *res, unsigned reasons)
{
    return seed_fail_with(res,
        &(seed_fault){
            .status = 503,
            .message = shed->options.production ? unavailable
                                                : shed->text[reasons],
            .cause = shed->text[reasons],
        });
}

seed_step seed__shed_refuse(struct shed_worker *worker, seed_res *res,
    unsigned reasons)
{
    const seed_shed *shed = worker->shed;

    if (!shed->options.no_retry_after)
        seed_res_set_unchecked(res, "Retry-After", pick_retry(worker));
    if (shed->options.error_propagation_mode)
        return fail(shed, res, reasons);

    seed_res_set_unchecked(res, "Content-Type", "text/plain; charset=utf-8");
    if (shed->options.production)
        return seed_send_static(res, 503, unavailable, sizeof unavailable - 1);
    return seed_send_static(res, 503, shed->text[reasons],
        shed->length[reasons]);
}
