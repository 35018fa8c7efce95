/* SPDX-License-Identifier: MIT */
/* Everything that a profiler's signal may come across, while it comes: threads
 * that come and go, fork(), dlopen() and dlclose(), malloc() and exceptions of
 * its locks, recordings that begin, are read and end; and a server that
 * answers all the while. Ends by itself, with 0 and a line of numbers, or hangs
 * or crashes, which is what it is for.
 *
 *     stress SECONDS [no-fork] */
#include <seed.h>

#include <arpa/inet.h>
#include <dlfcn.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { CHURNERS = 4 };

static _Atomic bool over;
static _Atomic unsigned long threads, forks, loads, requests, failures;
static _Thread_local volatile unsigned spun;

static void spin(unsigned count)
{
    for (unsigned i = 0; i < count * 1000; i++)
        spun++;
}

/* The allocator's locks, and deep stacks. */
static size_t dig(unsigned depth)
{
    volatile char *bytes = malloc(depth * 37 + 1);
    size_t below;

    if (!bytes)
        return 0;
    bytes[depth] = 1;
    below = depth ? dig(depth - 1) : 0;
    free((void *)(uintptr_t)bytes);
    return below + 1;
}

static void *be_short(void *ctx)
{
    spin(500);
    dig(100); /* more frames than are kept */
    return ctx;
}

static void *churn_threads(void *ctx)
{
    while (!over) {
        pthread_t thread;

        if (pthread_create(&thread, NULL, be_short, NULL)) {
            failures++;
            continue;
        }
        spin(100);
        pthread_join(thread, NULL);
        threads++;
    }
    return ctx;
}

static void *churn_libraries(void *ctx)
{
    static const char *const names[] = { "libresolv.so.2", "libnsl.so.1",
        "libutil.so.1", "libthread_db.so.1" };

    for (unsigned i = 0; !over; i++) {
        void *library = dlopen(names[i % 4], RTLD_NOW | RTLD_LOCAL);

        spin(50);
        if (!library)
            continue;
        loads++;
        dlclose(library);
    }
    return ctx;
}

/* The child frees what it had from its parent. It must not begin a recording:
 * another thread may have held the loader's lock, which nobody opens here. */
static void be_child(seed_flame *flame)
{
    alarm(60);
    spin(3000);
    dig(20);
    if (seed_flame_counts(flame).samples && seed_flame_stop(flame))
        _exit(1);
    seed_flame_free(flame);
    _exit(0);
}

static void *churn_processes(void *ctx)
{
    while (!over) {
        pid_t child;
        int status = 0;

        spin(200);
        child = fork();
        if (!child)
            be_child(ctx);
        if (child < 0 || waitpid(child, &status, 0) != child || status)
            failures++;
        else
            forks++;
    }
    return NULL;
}

/* --- a server, and its only client ---------------------------------------- */

static in_port_t port;

static seed_step work(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    spin(50);
    dig(20);
    return seed_send_text(res, 200, "worked");
}

static void *serve(void *ctx)
{
    failures += seed_run(ctx) != 0;
    return ctx;
}

/* A connection, on which nobody waits for ever. */
static int dial(void)
{
    struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port),
        .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    struct timeval patience = { 30, 0 };
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    if (fd < 0 || !connect(fd, (struct sockaddr *)&to, sizeof to))
        return fd;
    close(fd);
    return -1;
}

static bool ask(int fd)
{
    static const char text[] = "GET / HTTP/1.1\r\nHost: s\r\n\r\n";
    char answer[1000] = "";
    size_t length = 0;

    if (send(fd, text, sizeof text - 1, MSG_NOSIGNAL) < 0)
        return false;
    while (!strstr(answer, "\r\n\r\nworked")) {
        ssize_t more = recv(fd, answer + length, sizeof answer - 1 - length, 0);

        if (more <= 0)
            return false;
        length += (size_t)more;
    }
    return !strncmp(answer, "HTTP/1.1 200", 12);
}

static void *churn_requests(void *ctx)
{
    while (!over) {
        int fd = dial();
        bool well = fd >= 0;

        for (int i = 0; i < 20 && well && !over; i++) {
            well = ask(fd);
            requests += well;
        }
        failures += !well;
        if (fd >= 0)
            close(fd);
    }
    return ctx;
}

/* Beside the long one: short ones, each read once. */
static void churn_recordings(unsigned seconds)
{
    static const unsigned rates[] = { 99, 249, 1000, 50 };
    time_t until = time(NULL) + (time_t)seconds;

    for (unsigned i = 0; time(NULL) < until; i++) {
        seed_flame *flame = seed_flame_start(
            &(struct seed_flame_options){ .hertz = rates[i % 4] });
        char *bytes = NULL;

        usleep(200000);
        spin(2000);
        if (flame && i % 5 == 0)
            bytes = seed_flame_render(flame,
                (enum seed_flame_format)(i / 5 % SEED_FLAME_FORMATS), NULL);
        failures += !flame || (i % 5 == 0 && !bytes);
        seed_release(bytes);
        seed_flame_free(flame);
    }
}

static void tell(const seed_flame *flame)
{
    struct seed_flame_counts counts = seed_flame_counts(flame);

    printf("threads=%lu forks=%lu loads=%lu requests=%lu failures=%lu "
        "samples=%" PRIu64 " dropped=%" PRIu64 " truncated=%" PRIu64
        " complete=%" PRIu64 "\n", threads, forks, loads, requests, failures,
        counts.samples, counts.dropped, counts.truncated, counts.complete);
}

static seed_server *start_server(pthread_t *thread)
{
    seed_server *server = seed_server_new(NULL);

    seed_get(server, "/", work, NULL);
    if (seed_listen(server, "127.0.0.1", 0)
        || pthread_create(thread, NULL, serve, server))
        exit(2);
    port = (in_port_t)seed_server_port(server);
    return server;
}

int main(int argc, char **argv)
{
    unsigned seconds = argc > 1 ? (unsigned)atoi(argv[1]) : 10;
    bool forking = argc < 3 || strcmp(argv[2], "no-fork") != 0;
    void *(*churns[CHURNERS])(void *) = { churn_threads, churn_libraries,
        churn_requests, churn_processes };
    pthread_t churners[CHURNERS], serving;
    int count = forking ? CHURNERS : CHURNERS - 1;
    seed_flame *flame = seed_flame_start(
        &(struct seed_flame_options){ .hertz = 249 });
    seed_server *server;

    if (!flame)
        return 2;
    server = start_server(&serving);
    for (int i = 0; i < count; i++)
        if (pthread_create(&churners[i], NULL, churns[i], flame))
            return 2;
    churn_recordings(seconds);
    over = true;
    for (int i = 0; i < count; i++)
        pthread_join(churners[i], NULL);
    seed_stop(server, 0);
    pthread_join(serving, NULL);
    seed_server_free(server);
    seed_flame_stop(flame);
    tell(flame);
    seed_flame_free(flame);
    return failures != 0;
}
