/* SPDX-License-Identifier: MIT */
#include <seed/version.h>

const char *seed_version(void)
{
    return SEED_VERSION;
}
