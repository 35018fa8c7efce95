/* SPDX-License-Identifier: MIT */
#include "unit/comma.h"

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char source[] = "LC_NUMERIC\ndecimal_point \",\"\n"
    "thousands_sep \"\"\ngrouping -1\nEND LC_NUMERIC\n";

/* It warns of all that the source leaves out. */
static void make(const char *folder)
{
    char command[256];
    FILE *pipe;

    snprintf(command, sizeof command, "localedef -c -f ANSI_X3.4-1968 "
        "-i /dev/stdin %s/comma >%s/said 2>&1", folder, folder);
    pipe = popen(command, "w");
    if (!pipe)
        return;
    fputs(source, pipe);
    pclose(pipe);
}

bool comma_begin(void)
{
    char folder[] = "/tmp/seed_comma.XXXXXX", command[64];
    char number[8];

    if (!mkdtemp(folder))
        return false;
    make(folder);
    setenv("LOCPATH", folder, 1);
    setlocale(LC_NUMERIC, "comma");
    snprintf(command, sizeof command, "rm -r %s", folder);
    snprintf(number, sizeof number, "%.1f", 1.5);
    return !system(command) && !strcmp(number, "1,5");
}

void comma_end(void)
{
    setlocale(LC_NUMERIC, "C");
}
