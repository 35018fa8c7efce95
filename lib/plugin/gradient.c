/* SPDX-License-Identifier: MIT */
#include "plugin/gradient.h"

enum { START = 20, WINDOW = 100 * 1000000, ENOUGH = 10 };

static const double tolerance = 1.5, steepest = 0.5;
static const double up = 0.2, down = 0.5; /* of the way, each time */
static const double queue = 0.2; /* of the limit */
static const double long_window = 600; /* requests */

static double clamp(double value, double least, double most)
{
    return value < least ? least : value > most ? most : value;
}

void seed__gradient_init(struct gradient *gradient, unsigned least,
    unsigned most)
{
    *gradient = (struct gradient){ .least = least ? least : 1,
        .most = most > least ? most : least };
    gradient->limit = clamp(START, gradient->least, gradient->most);
}

bool seed__gradient_admits(const struct gradient *gradient,
    uint64_t in_flight, enum seed_priority priority)
{
    static const double share[SEED_PRIORITIES] = { [SEED_NORMAL] = 1,
        [SEED_SHEDDABLE] = 0.5, [SEED_CRITICAL] = 2, [SEED_EXEMPT] = 1e18 };

    return !in_flight
        || (double)in_flight + 1 <= gradient->limit * share[priority];
}

void seed__gradient_peak(struct gradient *gradient, uint64_t in_flight)
{
    if (in_flight > gradient->peak)
        gradient->peak = in_flight;
}

static void learn_usual(struct gradient *gradient, double time, double count)
{
    double share = clamp(count / long_window, 0, 1);

    if (gradient->usual <= 0)
        gradient->usual = time;
    gradient->usual += (time - gradient->usual) * share;

    /* A mean from worse times is forgotten faster than it was learned. */
    if (gradient->usual > 2 * time)
        gradient->usual *= 0.95;
}

static void adapt(struct gradient *gradient)
{
    double count = gradient->count, time = gradient->times / count;
    double whole = time + gradient->waits / count, slope, wanted;

    learn_usual(gradient, time, count);
    /* It is not the limit that keeps requests away: nothing to learn. */
    if ((double)gradient->peak < gradient->limit / 2)
        return;

    slope = whole > 0 ? tolerance * gradient->usual / whole : 1;
    wanted = gradient->limit * (clamp(slope, steepest, 1) + queue);
    gradient->limit += (wanted - gradient->limit)
        * (wanted < gradient->limit ? down : up);
    gradient->limit = clamp(gradient->limit, gradient->least, gradient->most);
}

void seed__gradient_note(struct gradient *gradient, uint64_t now,
    uint64_t wait, uint64_t time)
{
    if (!gradient->end)
        gradient->end = now + WINDOW;
    gradient->waits += (double)wait;
    gradient->times += (double)time;
    gradient->count++;
    if (now < gradient->end || gradient->count < ENOUGH)
        return;

    adapt(gradient);
    gradient->end = now + WINDOW;
    gradient->waits = gradient->times = 0;
    gradient->count = 0;
    gradient->peak = 0;
}
