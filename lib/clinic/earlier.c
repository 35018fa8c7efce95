/* SPDX-License-Identifier: MIT */
#include "clinic/earlier.h"
#include "clinic/file.h"
#include "clinic/flame.h"
#include "clinic/report.h"

#include <seed/error.h>
#include <seed/server.h>

#include <string.h>

enum { MOST_REPORT = 16 << 20, MOST_FLAME = 256 << 20 }; /* bytes */

/* In the memory that was read. */
char *seed__earlier_report(const char *path, int *error)
{
    size_t length;
    char *text = seed__file_read(path, MOST_REPORT, &length, error);
    const char *found = text ? seed__report_find(text, &length) : NULL;

    if (!text)
        return NULL;
    if (!found) {
        *error = SEED_EINVAL;
        seed_release(text);
        return NULL;
    }
    memmove(text, found, length);
    text[length] = '\0';
    return text;
}

char *seed__earlier_flame(const char *path, int *error)
{
    size_t length;
    char *bytes = seed__file_read(path, MOST_FLAME, &length, error), *json;

    if (!bytes)
        return NULL;
    json = seed__flame_find_json(bytes, length);
    seed_release(bytes);
    if (!json)
        *error = SEED_EINVAL;
    return json;
}

int seed__earlier_judge(const char *path, bool report, bool flame)
{
    char *found = NULL;
    int error = SEED_EINVAL;

    if (report)
        found = seed__earlier_report(path, &error);
    if (!found && flame)
        found = seed__earlier_flame(path, &error);
    seed_release(found);
    return found ? 0 : error;
}
