/* SPDX-License-Identifier: MIT */
#include "clinic/file.h"

#include <seed/error.h>
#include <seed/server.h>

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- reading -------------------------------------------------------------- */

/* Of that many bytes: one that shrinks meanwhile has less. */
static char *read_all(int fd, size_t size, size_t *length, int *error)
{
    char *bytes = seed_resize(NULL, size + 1);
    ssize_t more = 1;
    size_t have = 0;

    *error = SEED_ENOMEM;
    if (!bytes)
        return NULL;
    while (have < size && more) {
        more = read(fd, bytes + have, size - have);
        if (more < 0 && errno != EINTR)
            break;
        have += more > 0 ? (size_t)more : 0;
    }
    if (more < 0) {
        *error = SEED_ESYSTEM;
        seed_release(bytes);
        return NULL;
    }
    bytes[have] = '\0';
    *length = have;
    *error = 0;
    return bytes;
}

char *seed__file_read(const char *path, size_t most, size_t *length,
    int *error)
{
    /* Who opens a pipe would wait for somebody to write. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), number;
    char *bytes = NULL;
    struct stat file;

    *error = SEED_ESYSTEM;
    if (fd < 0)
        return NULL;
    if (!fstat(fd, &file)) {
        *error = SEED_EINVAL;
        if (S_ISREG(file.st_mode) && (uintmax_t)file.st_size <= most)
            bytes = read_all(fd, (size_t)file.st_size, length, error);
    }
    number = errno;
    close(fd);
    errno = number;
    return bytes;
}
