/* SPDX-License-Identifier: MIT */
#include "watch/histogram.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

/* The bin that one number fell into. */
static unsigned bin_of(uint64_t nsec)
{
    struct histogram histogram;
    uint64_t bins[HISTOGRAM_BINS] = { 0 };
    unsigned found = 0, total = 0;

    memset(&histogram, 0, sizeof histogram);
    histogram_add(&histogram, nsec);
    seed__histogram_sum(bins, &histogram);
    for (unsigned i = 0; i < HISTOGRAM_BINS; i++) {
        total += (unsigned)bins[i];
        found = bins[i] ? i : found;
    }
    assert_int_equal(total, 1);
    return found;
}

static void bounds_belong_to_their_bin(void **state)
{
    (void)state;
    assert_int_equal(bin_of(0), 0);
    assert_int_equal(bin_of(1), 0);
    assert_int_equal(bin_of(UINT64_MAX), HISTOGRAM_BINS - 1);
    for (unsigned i = 0; i + 1 < HISTOGRAM_BINS; i++) {
        uint64_t bound = seed__histogram_bounds[i];

        assert_true(bound < seed__histogram_bounds[i + 1]);
        assert_int_equal(bin_of(bound - 1), i);
        assert_int_equal(bin_of(bound), i);
        assert_int_equal(bin_of(bound + 1), i + 1);
    }
    for (unsigned bit = 0; bit < 64; bit++) {
        uint64_t power = (uint64_t)1 << bit;
        unsigned bin = bin_of(power);

        assert_true(power <= seed__histogram_bounds[bin]);
        assert_true(!bin || power > seed__histogram_bounds[bin - 1]);
    }
}

static void tells_shares(void **state)
{
    struct histogram histogram;
    uint64_t bins[HISTOGRAM_BINS] = { 0 };

    (void)state;
    assert_int_equal(seed__histogram_share(bins, 0.5), 0);
    memset(&histogram, 0, sizeof histogram);
    for (int i = 0; i < 98; i++)
        histogram_add(&histogram, 1500);
    histogram_add(&histogram, 3000000);
    histogram_add(&histogram, 40000000);
    seed__histogram_sum(bins, &histogram);
    assert_int_equal(seed__histogram_share(bins, 0), 2000);
    assert_int_equal(seed__histogram_share(bins, 0.5), 2000);
    assert_int_equal(seed__histogram_share(bins, 0.98), 3000000);
    assert_int_equal(seed__histogram_share(bins, 0.99), 40000000);
    assert_int_equal(seed__histogram_share(bins, 1), 40000000);

    /* Two histograms are one sum. */
    seed__histogram_sum(bins, &histogram);
    assert_int_equal(bins[19], 196);
}

static void folds_exactly(void **state)
{
    static const double bounds[] = { 0.000001, 0.0005, 0.001, 2, 10 };
    static const struct {
        uint64_t nsec;
        unsigned bucket;
    } cases[] = {
        { 0, 0 }, { 1000, 0 }, { 1001, 1 }, { 500000, 1 }, { 500001, 2 },
        { 1000000, 2 }, { 1000001, 3 }, { 2000000000, 3 },
        { 2000000001, 4 }, { 10000000000, 4 }, { 10000000001, 5 },
        { UINT64_MAX, 5 },
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        uint64_t bins[HISTOGRAM_BINS] = { 0 }, counts[6];

        bins[bin_of(cases[i].nsec)] = 3;
        seed__histogram_fold(bins, bounds, 5, counts);
        for (unsigned k = 0; k < 6; k++)
            assert_int_equal(counts[k], k == cases[i].bucket ? 3 : 0);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(bounds_belong_to_their_bin),
        cmocka_unit_test(tells_shares),
        cmocka_unit_test(folds_exactly),
    };

    return cmocka_run_group_tests_name("watch/histogram", tests, NULL, NULL);
}
