/* SPDX-License-Identifier: MIT */
/* The files that recordings go to and come from, each in one piece. */
#ifndef CLINIC_FILE_H
#define CLINIC_FILE_H

#include <seed/types.h>

/* Reads a regular file of at most that many bytes. Returns it with a NUL behind
 * its last byte, owned: seed_release(). Or NULL, and `error` is SEED_ESYSTEM
 * with errno, SEED_EINVAL for what is too large or no regular file, or
 * SEED_ENOMEM. */
char *seed__file_read(const char *path, size_t most, size_t *length,
    int *error);

/* Writes a file with the rights that the umask leaves, or that it had. A draft
 * beside it takes its place when all is written; what is there and no regular
 * file, as a pipe, a device or a symbolic link, or cannot be replaced, is
 * written in place. Returns 0, SEED_ENOMEM, or
 * SEED_ESYSTEM with errno. */
int seed__file_write(const char *path, const char *bytes, size_t length);

#endif
