/* SPDX-License-Identifier: MIT */
#include "clinic/file.h"

#include <seed/async.h>
#include <seed/error.h>
#include <seed/server.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
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

/* --- writing -------------------------------------------------------------- */

/* Closes it, too. Returns 0 or an errno. */
static int write_all(int fd, const char *bytes, size_t length)
{
    int error = 0;

    while (!error && length) {
        ssize_t done = write(fd, bytes, length);

        if (done < 0 && errno != EINTR)
            error = errno;
        bytes += done > 0 ? done : 0;
        length -= done > 0 ? (size_t)done : 0;
    }
    if (close(fd) && !error)
        error = errno;
    return error;
}

static int write_in_place(const char *path, const char *bytes, size_t length)
{
    int fd = open(path, O_WRONLY | O_TRUNC | O_CLOEXEC | O_CREAT, 0666);

    return fd < 0 ? errno : write_all(fd, bytes, length);
}

/* By open() and not by mkstemp(): the umask, which no thread can ask for
 * without changing it, is for the kernel to apply. */
static int open_draft(const char *path, char *draft, size_t room)
{
    int fd = -1;

    for (unsigned tries = 0; fd < 0 && tries < 100; tries++) {
        snprintf(draft, room, "%s.%06x", path,
            (unsigned)(seed_now() / 1000 + tries) & 0xffffff);
        fd = open(draft, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST)
            break;
    }
    return fd;
}

/* The new one has the rights of the `old` one, if there is one. */
static int replace(const char *path, char *draft, const struct stat *old,
    const char *bytes, size_t length)
{
    int fd = open_draft(path, draft, strlen(path) + 8), error;

    if (fd < 0)
        return errno;
    if (old)
        fchmod(fd, old->st_mode & 0777);
    error = write_all(fd, bytes, length);
    if (!error && rename(draft, path))
        error = errno;
    if (error)
        unlink(draft);
    return error;
}

/* A file may be one's own in a folder that is not, or be mounted by itself. */
static bool is_fixed(int error)
{
    return error == EACCES || error == EPERM || error == EBUSY
        || error == EROFS;
}

int seed__file_write(const char *path, const char *bytes, size_t length)
{
    struct stat there;
    bool old = !lstat(path, &there), other = old && !S_ISREG(there.st_mode);
    char *draft = other ? NULL : seed_resize(NULL, strlen(path) + 8);
    int error = 0;

    if (!draft && !other)
        return SEED_ENOMEM;
    if (draft)
        error = replace(path, draft, old ? &there : NULL, bytes, length);
    if (other || (old && is_fixed(error)))
        error = write_in_place(path, bytes, length);
    seed_release(draft);
    errno = error;
    return error ? SEED_ESYSTEM : 0;
}
