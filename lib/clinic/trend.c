/* SPDX-License-Identifier: MIT */
#include "clinic/trend.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { LEAST = 8 };

struct points {
    double x[TREND_POINTS], y[TREND_POINTS];
    size_t count;
};

/* Means of so many neighbours that there are few enough. */
static void thin_out(struct points *points, const double *x, const double *y,
    size_t count)
{
    size_t group = (count + TREND_POINTS - 1) / TREND_POINTS;

    points->count = 0;
    for (size_t i = 0; i < count; i += group) {
        double sum_x = 0, sum_y = 0;
        size_t of = 0;

        for (size_t j = i; j < i + group && j < count; j++) {
            if (isnan(y[j]))
                continue;
            sum_x += x[j];
            sum_y += y[j];
            of++;
        }
        if (!of)
            continue;
        points->x[points->count] = sum_x / (double)of;
        points->y[points->count++] = sum_y / (double)of;
    }
}

static int compare(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;

    return (a > b) - (a < b);
}

static double median(double *values, size_t count)
{
    if (!count)
        return 0;
    qsort(values, count, sizeof *values, compare);
    return count % 2 ? values[count / 2]
                     : (values[count / 2 - 1] + values[count / 2]) / 2;
}

static double median_of(const double *values, size_t count)
{
    double copy[TREND_POINTS];

    memcpy(copy, values, count * sizeof *copy);
    return median(copy, count);
}

/* Ties make the deviation smaller. */
static double tied(const struct points *points)
{
    double sorted[TREND_POINTS], sum = 0;
    size_t same = 1;

    memcpy(sorted, points->y, points->count * sizeof *sorted);
    qsort(sorted, points->count, sizeof *sorted, compare);
    for (size_t i = 1; i <= points->count; i++) {
        if (i < points->count && sorted[i] <= sorted[i - 1]) {
            same++;
            continue;
        }
        sum += (double)(same * (same - 1)) * (double)(2 * same + 5);
        same = 1;
    }
    return sum;
}

/* One-sided, at one in a hundred: z > 2.326. Compared as squares, so that no
 * root and no library of mathematics is needed. */
static bool rises(const struct points *points)
{
    const double limit = 2.326 * 2.326;
    double n = (double)points->count, sum = 0, variance;

    for (size_t i = 0; i < points->count; i++)
        for (size_t j = i + 1; j < points->count; j++)
            sum += (points->y[j] > points->y[i])
                - (points->y[j] < points->y[i]);

    variance = (n * (n - 1) * (2 * n + 5) - tied(points)) / 18;
    return sum > 1 && (sum - 1) * (sum - 1) > limit * variance;
}

/* Of every pair; of the many that 200 points have a part suffices. */
static double slope_of(const struct points *points, size_t from)
{
    static const size_t most = 5000;
    double slopes[5000];
    size_t n = points->count - from, pairs = n * (n - 1) / 2;
    size_t step = pairs / most + 1, seen = 0, count = 0;

    for (size_t i = from; i < points->count; i++)
        for (size_t j = i + 1; j < points->count; j++)
            if (seen++ % step == 0 && count < most)
                slopes[count++] = (points->y[j] - points->y[i])
                    / (points->x[j] - points->x[i]);
    return median(slopes, count);
}

struct trend seed__trend_find(const double *x, const double *y, size_t count)
{
    struct trend trend = { .rises = false };
    struct points points;
    size_t tenth;

    thin_out(&points, x, y, count);
    if (points.count < LEAST)
        return trend;

    tenth = points.count / 10 + 1;
    trend.rises = rises(&points);
    trend.slope = slope_of(&points, 0);
    trend.late = slope_of(&points, points.count / 2);
    trend.first = median_of(points.y, tenth);
    trend.last = median_of(points.y + points.count - tenth, tenth);
    return trend;
}
