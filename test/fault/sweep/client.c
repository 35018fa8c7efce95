/* SPDX-License-Identifier: MIT */
/* The sweep's client: one request, and what comes until the server closes. */
#include "fate.h"
#include "life.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Kept, so that what a life leaves behind is the server's. */
static SSL_CTX *context;

static void die(const char *what)
{
    perror(what);
    _exit(3);
}

static int connect_to(const struct sockaddr *address, socklen_t size)
{
    int fd = socket(address->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, address, size)
        || fcntl(fd, F_SETFL, O_NONBLOCK))
        die("sweep: a client cannot connect");
    return fd;
}

static int connect_unix(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    return connect_to((struct sockaddr *)&address, sizeof address);
}

static int connect_tcp(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

    return connect_to((struct sockaddr *)&address, sizeof address);
}

static SSL *begin_tls(int fd)
{
    SSL *tls;

    if (!context)
        context = SSL_CTX_new(TLS_client_method());
    tls = context ? SSL_new(context) : NULL;
    if (!tls || SSL_set_fd(tls, fd) != 1)
        die("sweep: a client of TLS");
    SSL_set_connect_state(tls);
    return tls;
}

void client_open(struct client *client, enum how how, const char *path,
    int port)
{
    fate_spares = true;
    *client = (struct client){ 0 };
    client->fd = how == LIFE_UNIX ? connect_unix(path) : connect_tcp(port);
    if (how == LIFE_TLS)
        client->tls = begin_tls(client->fd);
    fate_spares = false;
}

static bool waits(struct client *client, ssize_t moved)
{
    int why;

    if (!client->tls)
        return moved < 0 && errno == EAGAIN;
    why = SSL_get_error(client->tls, (int)moved);
    return why == SSL_ERROR_WANT_READ || why == SSL_ERROR_WANT_WRITE;
}

/* Then it says that nothing more will come, and waits for the answer. */
static void ask(struct client *client, const char *request)
{
    size_t length = strlen(request);
    ssize_t sent = client->tls
        ? SSL_write(client->tls, request, (int)length)
        : send(client->fd, request, length, MSG_NOSIGNAL);

    if (sent != (ssize_t)length) {
        client->over = !waits(client, sent);
        return;
    }
    client->asked = true;
    if (client->tls)
        SSL_shutdown(client->tls);
    else
        shutdown(client->fd, SHUT_WR);
}

static ssize_t receive(struct client *client, char *bytes, size_t room)
{
    return client->tls ? SSL_read(client->tls, bytes, (int)room)
                       : recv(client->fd, bytes, room, 0);
}

/* The beginning of a long answer is enough. */
static void listen_to(struct client *client)
{
    char bytes[16384];
    ssize_t got;

    while ((got = receive(client, bytes, sizeof bytes)) > 0) {
        size_t room = sizeof client->reply - 1 - client->length;
        size_t length = (size_t)got < room ? (size_t)got : room;

        memcpy(client->reply + client->length, bytes, length);
        client->length += length;
    }
    client->over = !waits(client, got);
}

/* OpenSSL's sockets raise SIGPIPE. What the server's do still kills. */
void client_step(struct client *client, const char *request)
{
    fate_spares = true;
    signal(SIGPIPE, SIG_IGN);
    ERR_clear_error();
    if (!client->asked && !client->over)
        ask(client, request);
    if (client->asked && !client->over)
        listen_to(client);
    ERR_clear_error();
    signal(SIGPIPE, SIG_DFL);
    fate_spares = false;
}

void client_close(struct client *client)
{
    fate_spares = true;
    SSL_free(client->tls);
    close(client->fd);
    fate_spares = false;
}
