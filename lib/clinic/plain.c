/* SPDX-License-Identifier: MIT */
#include "clinic/plain.h"

/* glibc has this one ready: nothing is allocated, and nothing can fail. */
locale_t seed__plain_begin(void)
{
    return uselocale(newlocale(LC_ALL_MASK, "C", (locale_t)0));
}

void seed__plain_end(locale_t before)
{
    uselocale(before);
}
