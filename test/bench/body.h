/* SPDX-License-Identifier: MIT */
/* What the peers serve: a body that was prepared in a file. */
#ifndef BENCH_BODY_H
#define BENCH_BODY_H

#include <stdio.h>
#include <stdlib.h>

static char body[65536];
static size_t body_length;

static void read_body(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "rb") : NULL;

    if (!file) {
        fprintf(stderr, "usage: %s FILE-WITH-BODY\n", argv[0]);
        exit(2);
    }
    body_length = fread(body, 1, sizeof body, file);
    fclose(file);
}

static void say_port(unsigned port)
{
    printf("http://127.0.0.1:%u/\n", port);
    fflush(stdout);
}

#endif
