/* SPDX-License-Identifier: MIT */
/* Any bytes as a list of entity-tags and as a date: nothing outside of them is
 * read, what matches strongly matches weakly too, and a date that was
 * understood is one. */
#include "base/clock.h"
#include "http/cond.h"
#include "http/date.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void check_list(struct str list)
{
    enum cond_match strong = seed__cond_match(list, STR("\"a\""), true, true);
    enum cond_match weak = seed__cond_match(list, STR("\"a\""), true, false);

    assert(strong != COND_MATCHES || weak == COND_MATCHES);
    assert((strong == COND_MALFORMED) == (weak == COND_MALFORMED));
    if (seed__etag_valid(list))
        assert(seed__cond_match(list, list, true, false) == COND_MATCHES);
}

static void check_date(struct str text)
{
    int64_t second, again;
    char out[32];

    if (!seed__date_parse(text, 1767225600, &second))
        return;
    assert(second > -62200000000 && second < 253402300801);
    if (second < 0 || second > 253402300799)
        return;
    seed__http_date_format(out, (time_t)second);
    assert(seed__date_parse(seed__str(out), 1767225600, &again));
    assert(again == second);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    char *copy = malloc(size + !size);

    memcpy(copy, bytes, size);
    check_list((struct str){copy, size});
    check_date((struct str){copy, size});
    free(copy);
    return 0;
}
