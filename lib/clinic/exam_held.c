/* SPDX-License-Identifier: MIT */
/* What holds the loops up, as the catcher of stalls tells it: by place, with
 * the time that it has cost. Runs on the monitor, under its lock. */
#include "clinic/exam.h"

#include <stdio.h>
#include <string.h>

/* Calls of libraries that say nothing of who is to blame. */
static bool is_common(const char *name, size_t length)
{
    static const char *const common[] = { "clock_nanosleep", "nanosleep",
        "usleep", "sleep", "read", "write", "poll", "select", "memcpy",
        "malloc", "free", "open", "openat", "close", "fsync" };

    for (size_t i = 0; i < sizeof common / sizeof *common; i++)
        if (strlen(common[i]) == length && !memcmp(common[i], name, length))
            return true;
    return !length || memchr(name, '+', length) || *name == '_'
        || !strncmp(name, "seed__", 6) || !strncmp(name, "event_base_", 11);
}

/* Of "inner, outer, ..., main": the first name that may be the program's. */
static void first_frame(const char *stack, const char *call, char *out,
    size_t room)
{
    while (*stack) {
        size_t length = strcspn(stack, ",");

        if (!is_common(stack, length) && (strlen(call) < length
                || strncmp(stack, call, length))) {
            snprintf(out, room, "%.*s", (int)length, stack);
            return;
        }
        stack += length;
        stack += strspn(stack, ", ");
    }
    *out = '\0';
}

static void describe(struct held *held, const seed_stall *stall)
{
    const seed_site *site = stall->site;

    memset(held, 0, sizeof *held);
    held->cause = stall->cause;
    snprintf(held->call, sizeof held->call, "%s", stall->call);
    first_frame(stall->stack, held->call, held->frame, sizeof held->frame);
    if (site) {
        snprintf(held->kind, sizeof held->kind, "%s", site->kind);
        snprintf(held->function, sizeof held->function, "%s",
            site->function);
        snprintf(held->file, sizeof held->file, "%s", site->file);
        held->line = site->line;
    }
    if (stall->route)
        snprintf(held->route, sizeof held->route, "%s %s",
            seed_route_method(stall->route),
            seed_route_pattern(stall->route));
}

static bool is_same(const struct held *one, const struct held *other)
{
    if (one->cause != other->cause || one->line != other->line
        || strcmp(one->function, other->function)
        || strcmp(one->route, other->route))
        return false;
    return *one->function || !strcmp(one->frame, other->frame);
}

static struct held *place_of(struct exam *exam, const struct held *held)
{
    struct held *place = exam->held, *end = place + exam->held_count;

    while (place < end && !is_same(place, held))
        place++;
    if (place < end)
        return place;
    if (exam->held_count == FACT_HELD)
        return NULL;
    exam->held_count++;
    *place = *held;
    return place;
}

/* A turn is told of again when it has doubled. */
void seed__exam_held(const seed_stall *stall, void *ctx)
{
    struct exam *exam = ctx;
    struct held held, *place;
    bool again = exam->held_turn == stall->turn
        && exam->held_worker == stall->worker;

    describe(&held, stall);
    place = place_of(exam, &held);
    if (place) {
        place->time += again && stall->age > exam->held_age
            ? stall->age - exam->held_age : stall->age;
        place->count += !again;
        if (*held.frame)
            memcpy(place->frame, held.frame, sizeof place->frame);
    }
    exam->held_turn = stall->turn;
    exam->held_worker = stall->worker;
    exam->held_age = stall->age;
}
