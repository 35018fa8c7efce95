/* SPDX-License-Identifier: MIT */
#include "unit/server/served.h"

#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

static _Thread_local char answer[1 << 16];

static void *run(void *ctx)
{
    struct served *served = ctx;

    served->result = seed_run(served->server);
    return NULL;
}

static void on_listen(const seed_event *event, void *ctx)
{
    (void)event;
    ++*(_Atomic int *)ctx;
}

void serve(struct served *served, seed_server *server)
{
    *served = (struct served){ .server = server, .result = -99 };
    seed_on(server, SEED_ON_LISTEN, on_listen, &served->listening);
    pthread_create(&served->thread, NULL, run, served);
    await_count(&served->listening, 1);
}

int serve_join(struct served *served)
{
    pthread_join(served->thread, NULL);
    return served->result;
}

int serve_stop(struct served *served)
{
    seed_stop(served->server, 2000);
    return serve_join(served);
}

int dial(int port)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_port = htons((uint16_t)port),
        .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct timeval limit = { 10, 0 };
    int fd = socket(AF_INET, SOCK_STREAM, 0);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
    if (!connect(fd, (struct sockaddr *)&address, sizeof address))
        return fd;

    close(fd);
    return -1;
}

int dial_unix(const char *path)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);

    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (!connect(fd, (struct sockaddr *)&address, sizeof address))
        return fd;

    close(fd);
    return -1;
}

void close_with_reset(int fd)
{
    struct linger at_once = { 1, 0 };

    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    close(fd);
}

int port_of(int fd)
{
    struct sockaddr_in address;
    socklen_t length = sizeof address;

    if (getsockname(fd, (struct sockaddr *)&address, &length))
        return 0;
    return ntohs(address.sin_port);
}

const char *ask(int fd, const char *text, const char *until)
{
    size_t length = 0;
    ssize_t got;

    answer[0] = '\0';
    if (send(fd, text, strlen(text), MSG_NOSIGNAL) < 0)
        return answer;

    while ((got = recv(fd, answer + length, sizeof answer - 1 - length, 0))
           > 0) {
        length += (size_t)got;
        answer[length] = '\0';
        if (until && strstr(answer, until))
            break;
    }
    return answer;
}

const char *get(int port, const char *path)
{
    char text[256];
    const char *body;
    int fd = dial(port);

    if (fd < 0)
        return "(refused)";
    snprintf(text, sizeof text,
        "GET %s HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n", path);
    body = strstr(ask(fd, text, NULL), "\r\n\r\n");
    close(fd);
    return body ? body + 4 : "(no answer)";
}

_Bool await_count(_Atomic int *counter, int wanted)
{
    for (int i = 0; i < 5000 && *counter < wanted; i++)
        sleep_ms(2);
    return *counter >= wanted;
}

void sleep_ms(unsigned milliseconds)
{
    struct timespec time = { milliseconds / 1000,
        (long)(milliseconds % 1000) * 1000000 };

    nanosleep(&time, NULL);
}
