/* SPDX-License-Identifier: MIT */
/* Gives files to a fuzzer's function, each once, by any compiler: what fuzzing
 * has found worth keeping is a test of every build. Prints how many there
 * were; what is wrong ends the program.
 *
 *     replay_NAME FILE... */
#include <assert.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* In memory that has no byte more, as libFuzzer has it. */
static void play(const char *path)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes;
    long size;

    if (!file) {
        perror(path);
        exit(1);
    }
    assert(!fseek(file, 0, SEEK_END));
    size = ftell(file);
    assert(size >= 0 && !fseek(file, 0, SEEK_SET));

    bytes = malloc((size_t)size + !size);
    assert(bytes);
    assert(fread(bytes, 1, (size_t)size, file) == (size_t)size);
    fclose(file);

    LLVMFuzzerTestOneInput(bytes, (size_t)size);
    free(bytes);
}

int main(int argc, char **argv)
{
    for (int i = 1; i < argc; i++)
        play(argv[i]);
    printf("%d\n", argc - 1);
    return 0;
}
