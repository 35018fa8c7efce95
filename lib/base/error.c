/* SPDX-License-Identifier: MIT */
#include <seed/error.h>

static const char *const sentences[] = {
    [0] = "no error",
#define X(name, value, text) [-(value)] = (text),
    SEED_ERRORS(X)
#undef X
};

const char *seed_strerror(int error)
{
    int last = (int)(sizeof sentences / sizeof *sentences) - 1;

    if (error > 0 || error < -last)
        return "unknown error";

    return sentences[-error] ? sentences[-error] : "unknown error";
}
