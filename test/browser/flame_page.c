/* SPDX-License-Identifier: MIT */
/* The flame graph's page of the JSON on standard input, and of the earlier
 * recording in the file that is named, if one is. */
#include "clinic/page.h"

#include <seed/server.h>

#include <stdio.h>
#include <string.h>

/* All of a file with a NUL behind it, owned; or NULL. */
static char *read_all(FILE *file)
{
    size_t room = 1 << 16, length = 0, got;
    char *bytes = seed_resize(NULL, room);

    while (bytes && (got = fread(bytes + length, 1, room - length - 1, file))) {
        char *larger;

        length += got;
        if (room - length > 1)
            continue;
        larger = seed_resize(bytes, room *= 2);
        if (!larger)
            seed_release(bytes);
        bytes = larger;
    }
    if (bytes)
        bytes[length] = '\0';
    return bytes;
}

int main(int argc, char **argv)
{
    FILE *earlier = argc > 1 ? fopen(argv[1], "r") : NULL;
    char *json = read_all(stdin);
    char *before = earlier ? read_all(earlier) : NULL;
    size_t length = 0;
    char *page = json ? seed__page_flame(json, before, &length) : NULL;
    int status = !page || fwrite(page, 1, length, stdout) != length;

    if (earlier)
        fclose(earlier);
    seed_release(page);
    seed_release(before);
    seed_release(json);
    return status;
}
