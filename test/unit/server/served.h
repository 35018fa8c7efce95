/* SPDX-License-Identifier: MIT */
/* A server on a thread of its own, and a client for it. */
#ifndef SERVED_H
#define SERVED_H

#include <seed.h>

#include <pthread.h>

struct served {
    seed_server *server;
    pthread_t thread;
    int result;
    _Atomic int listening; /* workers */
};

/* Runs a server that listens; waits until a worker serves. */
void serve(struct served *served, seed_server *server);

/* Waits for seed_run() to return. */
int serve_join(struct served *served);

/* seed_stop(), then the same. */
int serve_stop(struct served *served);

/* Connects to the loopback with a time-out on every read; -1 when refused. */
int dial(int port);
int dial_unix(const char *path);

/* Closes so that the other side is reset. */
void close_with_reset(int fd);

/* The port that a socket is bound to. */
int port_of(int fd);

/* Sends text and reads until the other side closes or `until` was read (NULL:
 * to the end); the text is static and is overwritten by the next call. */
const char *ask(int fd, const char *text, const char *until);

/* One request on a connection of its own; the answer's body. */
const char *get(int port, const char *path);

/* Waits, at most ten seconds, until a counter has reached a number. */
_Bool await_count(_Atomic int *counter, int wanted);

void sleep_ms(unsigned milliseconds);

#endif
