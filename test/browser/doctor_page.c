/* SPDX-License-Identifier: MIT */
/* Makes the doctor's report of the JSON on standard input, and of an earlier
 * recording in the file that is named. */
#include "clinic/page.h"

#include <seed.h>

#include <stdio.h>

/* All of a stream and a NUL behind it, or NULL. */
static char *read_all(FILE *file)
{
    size_t length = 0, room = 1 << 16, got;
    char *text = seed_resize(NULL, room);

    while (text && (got = fread(text + length, 1, room - length - 1, file))) {
        length += got;
        if (room - length > 1)
            continue;
        room *= 2;
        text = seed_resize(text, room);
    }
    if (text)
        text[length] = '\0';
    return text;
}

int main(int count, char **arguments)
{
    FILE *file = count > 1 ? fopen(arguments[1], "r") : NULL;
    char *json = read_all(stdin), *before = file ? read_all(file) : NULL;
    size_t length = 0;
    char *page;

    if (file)
        fclose(file);
    if (!json || (count > 1 && !before))
        return 1;

    page = seed__page_doctor(json, before, &length);
    if (!page)
        return 1;
    fwrite(page, 1, length, stdout);
    seed_release(page);
    seed_release(before);
    seed_release(json);
    return fflush(stdout) ? 1 : 0;
}
