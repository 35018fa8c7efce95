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

#endif
