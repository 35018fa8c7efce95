/* SPDX-License-Identifier: MIT */
/* The TLS mover: OpenSSL between the connection and the socket.
 *
 * OpenSSL reaches the socket by a BIO of ours, which raises no SIGPIPE and
 * notes when the kernel's buffer is empty, so that a request costs one read and
 * no second one that only finds nothing.
 *
 * OpenSSL keeps what went wrong in a queue of the thread, where it would be
 * taken for the next connection's, or for the application's own: it is emptied
 * before every call whose result is asked for, and behind those that failed. */
#include "wire/tls_inside.h"

#include <openssl/bio.h>
#include <openssl/err.h>

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

enum { RECORD = 16384, TLS_HANDSHAKE = 0x16 };

/* --- the BIO -------------------------------------------------------------- */

static BIO_METHOD *method;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static int receive(BIO *bio, char *bytes, int room)
{
    struct tls_mover *own = BIO_get_data(bio);
    ssize_t count;

    BIO_clear_retry_flags(bio);
    do {
        count = recv(own->mover.fd, bytes, (size_t)room, 0);
    } while (count < 0 && errno == EINTR);
    own->emptied = count < room;
    own->mover.heard += count > 0 ? (uint64_t)count : 0;
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        BIO_set_retry_read(bio);
    return (int)count;
}

static int transmit(BIO *bio, const char *bytes, int length)
{
    struct tls_mover *own = BIO_get_data(bio);
    ssize_t count;

    BIO_clear_retry_flags(bio);
    do {
        count = send(own->mover.fd, bytes, (size_t)length, MSG_NOSIGNAL);
    } while (count < 0 && errno == EINTR);
    if (count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
        BIO_set_retry_write(bio);
    return (int)count;
}

static long control(BIO *bio, int command, long number, void *pointer)
{
    (void)bio;
    (void)number;
    (void)pointer;
    return command == BIO_CTRL_FLUSH;
}

/* For the life of the process. */
static void make_method(void)
{
    method = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "seed");
    if (!method)
        return;

    BIO_meth_set_read(method, receive);
    BIO_meth_set_write(method, transmit);
    BIO_meth_set_ctrl(method, control);
}

static bool attach_socket(struct tls_mover *own)
{
    BIO *bio;

    pthread_once(&once, make_method);
    bio = method ? BIO_new(method) : NULL;
    if (!bio)
        return false;

    BIO_set_data(bio, own);
    BIO_set_init(bio, 1);
    SSL_set_bio(own->ssl, bio, bio);
    return true;
}

/* --- the mover ------------------------------------------------------------ */

static struct tls_mover *own_of(struct mover *mover)
{
    return (struct tls_mover *)mover;
}

/* What a call that did not succeed means. A peer that went away without a word
 * is gone, and nothing to complain of. */
static int failed(struct tls_mover *own, int result, unsigned char *edge)
{
    switch (SSL_get_error(own->ssl, result)) {
    case SSL_ERROR_WANT_READ:
        *edge = EDGE_IN;
        return MOVED_AGAIN;
    case SSL_ERROR_WANT_WRITE:
        *edge = EDGE_OUT;
        return MOVED_AGAIN;
    case SSL_ERROR_ZERO_RETURN:
        return 0;
    case SSL_ERROR_SSL:
        own->dead = true;
        ERR_clear_error();
        return MOVED_REFUSED;
    default:
        own->dead = true;
        return MOVED_DEAD;
    }
}

static ssize_t tls_read(struct mover *mover, void *bytes, size_t room)
{
    struct tls_mover *own = own_of(mover);
    size_t count = 0;
    int result;

    if (own->dead)
        return MOVED_DEAD;

    /* Bytes that OpenSSL had read before say nothing about the kernel, whose
     * edge for newer ones may have been told already. */
    own->emptied = false;
    ERR_clear_error();
    mover->read_on = EDGE_IN;
    if (SSL_read_ex(own->ssl, bytes, room, &count)) {
        mover->drained = own->emptied && !SSL_has_pending(own->ssl);
        return (ssize_t)count;
    }
    result = failed(own, 0, &mover->read_on);
    return result == MOVED_REFUSED ? MOVED_DEAD : result;
}

/* One record. Asked again behind MOVED_AGAIN, it gets the same bytes, perhaps
 * with more behind them and elsewhere: the record is made already. */
static ssize_t put(struct tls_mover *own, const void *bytes, size_t length)
{
    size_t count = 0;

    if (own->dead)
        return MOVED_DEAD;

    ERR_clear_error();
    own->mover.write_on = EDGE_OUT;
    if (SSL_write_ex(own->ssl, bytes, length, &count))
        return (ssize_t)count;
    return failed(own, 0, &own->mover.write_on) == MOVED_AGAIN ? MOVED_AGAIN
                                                               : MOVED_DEAD;
}

/* As many bytes as a record holds, in one piece. */
static size_t join(char *record, const struct iovec *parts, int count)
{
    size_t length = 0;

    for (int i = 0; i < count && length < RECORD; i++) {
        size_t left = RECORD - length, size = parts[i].iov_len;

        if (size > left)
            size = left;
        memcpy(record + length, parts[i].iov_base, size);
        length += size;
    }
    return length;
}

/* Head and body of a small answer are one record and one write. */
static ssize_t tls_write(struct mover *mover, const struct iovec *parts,
    int count, bool more)
{
    char record[RECORD];

    (void)more;
    if (parts->iov_len >= RECORD)
        return put(own_of(mover), parts->iov_base, RECORD);
    if (count == 1)
        return put(own_of(mover), parts->iov_base, parts->iov_len);
    return put(own_of(mover), record, join(record, parts, count));
}

static ssize_t tls_file(struct mover *mover, int fd, uint64_t offset,
    size_t length)
{
    char record[RECORD];
    size_t wanted = length < RECORD ? length : RECORD;
    ssize_t count;

    do {
        count = pread(fd, record, wanted, (off_t)offset);
    } while (count < 0 && errno == EINTR);
    if (count <= 0)
        return count ? MOVED_DEAD : 0;
    return put(own_of(mover), record, (size_t)count);
}

static bool tls_lost(struct mover *mover)
{
    return seed__mover_plain.lost(mover);
}

static void tls_shut(struct mover *mover)
{
    seed__mover_plain.shut(mover);
}

static void tls_reset(struct mover *mover)
{
    own_of(mover)->dead = true;
    seed__mover_plain.reset(mover);
}

static void tls_free(struct mover *mover)
{
    struct tls_mover *own = own_of(mover);

    SSL_free(own->ssl);
    seed__tls_set_drop(own->set);
    seed__release(own);
}

/* Looks at the first byte and leaves it there: what speaks HTTP shall get an
 * answer that it can read, and what speaks neither none. */
static int look(struct tls_mover *own)
{
    unsigned char byte;
    ssize_t count = recv(own->mover.fd, &byte, 1, MSG_PEEK);

    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return MOVED_AGAIN;
    if (count <= 0)
        return MOVED_DEAD;
    if ((byte | 0x20) >= 'a' && (byte | 0x20) <= 'z')
        return MOVED_CLEAR;

    own->looked = true;
    return byte == TLS_HANDSHAKE ? 0 : MOVED_REFUSED;
}

static int tls_greet(struct mover *mover)
{
    struct tls_mover *own = own_of(mover);
    int result = own->looked ? 0 : look(own);

    if (result)
        return result;

    ERR_clear_error();
    result = SSL_accept(own->ssl);
    if (result == 1)
        return 0;
    result = failed(own, result, &mover->read_on);
    return result ? result : MOVED_DEAD;
}

/* The peer's own close_notify is not waited for. */
static int tls_farewell(struct mover *mover)
{
    struct tls_mover *own = own_of(mover);
    int result;

    if (own->dead || own->parted || !SSL_is_init_finished(own->ssl))
        return 0;

    ERR_clear_error();
    result = SSL_shutdown(own->ssl);
    own->parted = result >= 0;
    return own->parted ? 0 : failed(own, result, &mover->write_on);
}

static bool tls_serves(struct mover *mover, struct str host)
{
    const struct tls_mover *own = own_of(mover);
    const struct tls_host *asked;

    if (!own->set->policies)
        return true;

    asked = seed__tls_find(own->set, host);
    if (!asked)
        asked = own->set->hosts;
    return !memcmp(asked->policy, own->host->policy, TLS_DIGEST);
}

static const struct mover_ops ops = {
    .read = tls_read,
    .write = tls_write,
    .file = tls_file,
    .lost = tls_lost,
    .shut = tls_shut,
    .reset = tls_reset,
    .free = tls_free,
    .greet = tls_greet,
    .farewell = tls_farewell,
    .serves = tls_serves,
    .describe = seed__tls_describe,
};

struct mover *seed__tls_mover_new(int fd, const struct mover_maker *maker)
{
    struct tls *tls = (struct tls *)(uintptr_t)maker;
    struct tls_mover *own = seed__alloc_zeroed(sizeof *own);

    if (!own)
        return NULL;

    own->mover = (struct mover){
        .ops = &ops,
        .fd = fd,
        .read_on = EDGE_IN,
        .write_on = EDGE_OUT,
    };
    own->set = seed__tls_set_hold(tls);
    own->host = own->set->hosts;
    own->ssl = SSL_new(own->host->context);
    if (!own->ssl || !SSL_set_app_data(own->ssl, own) || !attach_socket(own)) {
        tls_free(&own->mover);
        return NULL;
    }
    return &own->mover;
}
