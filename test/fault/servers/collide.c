/* SPDX-License-Identifier: MIT */
/* A JSON object of so many names that jansson's hash (Jenkins' lookup3) takes
 * for one when its seed is 1: the last step of the hash is undone from one
 * result and any two numbers, which gives the twelve bytes of a name.
 *
 *     collide COUNT */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { SEED = 1, LENGTH = 12 };

static uint32_t turned(uint32_t x, int by)
{
    return x << by | x >> (32 - by);
}

/* final() of lookup3, from its end to its beginning. */
static void undo(uint32_t *a, uint32_t *b, uint32_t *c)
{
    *c = (*c + turned(*b, 24)) ^ *b;
    *b = (*b + turned(*a, 14)) ^ *a;
    *a = (*a + turned(*c, 4)) ^ *c;
    *c = (*c + turned(*b, 16)) ^ *b;
    *b = (*b + turned(*a, 25)) ^ *a;
    *a = (*a + turned(*c, 11)) ^ *c;
    *c = (*c + turned(*b, 14)) ^ *b;
}

static bool is_text(uint32_t bytes)
{
    for (int i = 0; i < 4; i++, bytes >>= 8)
        if ((bytes & 255) == 0 || (bytes & 255) > 126)
            return false;
    return true;
}

static void write_text(uint32_t bytes)
{
    for (int i = 0; i < 4; i++, bytes >>= 8) {
        unsigned c = bytes & 255;

        if (c < 32 || c == '"' || c == '\\')
            printf("\\u%04x", c);
        else
            putchar((int)c);
    }
}

int main(int argc, char **argv)
{
    const uint32_t start = 0xdeadbeefu + LENGTH + SEED;
    uint64_t random = 88172645463325252u;
    long left = argc > 1 ? atol(argv[1]) : 0;

    putchar('{');
    while (left) {
        uint32_t a, b, c = 42;

        random ^= random << 13;
        random ^= random >> 7;
        random ^= random << 17;
        a = (uint32_t)random;
        b = (uint32_t)(random >> 32);
        undo(&a, &b, &c);
        if (!is_text(a - start) || !is_text(b - start) || !is_text(c - start))
            continue;
        putchar('"');
        write_text(a - start);
        write_text(b - start);
        write_text(c - start);
        printf("\":1%s", --left ? "," : "");
    }
    puts("}");
    return 0;
}
