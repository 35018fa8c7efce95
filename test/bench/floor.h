/* SPDX-License-Identifier: MIT */
/* A server with nothing in it: bare epoll, and an answer that was prepared in
 * a file. What it costs is the kernel's price, below which no server gets.
 *
 * It reads requests as far as their blank lines, pipelined and split ones
 * too, and answers each. It is no HTTP server: it judges nothing. */
#ifndef BENCH_FLOOR_H
#define BENCH_FLOOR_H

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum { MOST_SOCKETS = 1024, READ_ROOM = 65536, ANSWER_ROOM = 65536 };

static char answer[ANSWER_ROOM], input[READ_ROOM];
static size_t answer_length;

/* How many bytes of "\r\n\r\n" each socket's input has ended with. */
static unsigned char ending[MOST_SOCKETS];

static void must(bool holds, const char *what)
{
    if (holds)
        return;
    perror(what);
    exit(1);
}

static void read_answer(const char *path)
{
    FILE *file = fopen(path, "rb");

    must(file != NULL, path);
    answer_length = fread(answer, 1, sizeof answer, file);
    must(answer_length > 0 && answer_length < sizeof answer, path);
    fclose(file);
}

/* Listens on a free port and says which. */
static int start_listening(void)
{
    struct sockaddr_in address = { .sin_family = AF_INET,
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0), one = 1;

    must(fd >= 0, "socket");
    must(!setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one),
        "setsockopt");
    must(!bind(fd, (struct sockaddr *)&address, size), "bind");
    must(!listen(fd, 512), "listen");
    must(!getsockname(fd, (struct sockaddr *)&address, &size), "getsockname");
    printf("http://127.0.0.1:%d/\n", ntohs(address.sin_port));
    fflush(stdout);
    return fd;
}

static unsigned count_requests(int fd, ssize_t length)
{
    unsigned state = ending[fd], count = 0;

    for (ssize_t i = 0; i < length; i++) {
        char wanted = state & 1 ? '\n' : '\r';

        state = input[i] == wanted ? state + 1 : input[i] == '\r';
        count += state == 4;
        state &= 3;
    }
    ending[fd] = (unsigned char)state;
    return count;
}

/* The short way for what wrk sends: one whole request. */
static unsigned requests_in(int fd, ssize_t length)
{
    if (!ending[fd] && length >= 4 &&
        memmem(input, (size_t)length, "\r\n\r\n", 4) == input + length - 4)
        return 1;

    return count_requests(fd, length);
}

static bool send_answer(int fd)
{
    size_t sent = 0;

    while (sent < answer_length) {
        ssize_t more = send(fd, answer + sent, answer_length - sent,
            MSG_NOSIGNAL);

        if (more < 0) {
            struct pollfd wait = { .fd = fd, .events = POLLOUT };

            if (poll(&wait, 1, 1000) != 1 || wait.revents != POLLOUT)
                return false;
            continue;
        }
        sent += (size_t)more;
    }
    return true;
}

/* One read is enough also for edges: no bench sends as much as the buffer
 * takes. An edge may tell of bytes that were read already. */
static void serve(int fd)
{
    ssize_t length = recv(fd, input, sizeof input, 0);
    unsigned count = length > 0 ? requests_in(fd, length) : 0;

    if (length < 0 && errno == EAGAIN)
        return;

    while (count && send_answer(fd))
        count--;
    if (length <= 0 || count)
        close(fd);
}

static void accept_all(int listener, int epoll, uint32_t events)
{
    int fd;

    while ((fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK)) >= 0) {
        struct epoll_event event = { .events = events, .data.fd = fd };

        must(fd < MOST_SOCKETS, "too many sockets");
        ending[fd] = 0;
        must(!epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event), "epoll_ctl");
    }
}

/* `events` is how a connection is watched: EPOLLIN, and EPOLLET or not. */
static int serve_forever(int argc, char **argv, uint32_t events)
{
    struct epoll_event event = { .events = EPOLLIN }, ready[256];
    int listener, epoll = epoll_create1(0);

    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE-WITH-ANSWER\n", argv[0]);
        return 2;
    }
    read_answer(argv[1]);
    listener = start_listening();
    event.data.fd = listener;
    must(!epoll_ctl(epoll, EPOLL_CTL_ADD, listener, &event), "epoll_ctl");

    for (;;) {
        int count = epoll_wait(epoll, ready, 256, -1);

        for (int i = 0; i < count; i++) {
            if (ready[i].data.fd == listener)
                accept_all(listener, epoll, events);
            else
                serve(ready[i].data.fd);
        }
    }
}

#endif
