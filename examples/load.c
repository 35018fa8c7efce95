/* SPDX-License-Identifier: MIT */
/* A small load tool in the manner of autocannon, for `make demo` and for a
 * first look at a server of your own:
 *
 *     make examples/load
 *     build/examples/load -c 100 -d 10 http://localhost:3000/seed/v1
 *
 * Each connection asks again as soon as its answer is whole. What was answered
 * in each second is printed in that second; the table at the end is that of
 * autocannon. It reads answers with a Content-Length, nothing more, so that it
 * costs little beside the server that it measures.
 */
#include <errno.h>
#include <event2/event.h>
#include <math.h>
#include <netdb.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define MOST_HEAD 4096
#define MOST_READ 65536
#define MOST_SECONDS 3600

/* Enough to tell average, standard deviation and maximum. */
struct series {
    double sum, squares, max;
    uint64_t count;
};

/* One connection, and what is known of the answer that it waits for. */
struct link {
    struct load *load;
    struct event *event;
    evutil_socket_t fd;
    double asked;
    size_t head_length, body_left;
    bool in_body;
    char head[MOST_HEAD + 1];
};

struct load {
    struct event_base *base;
    struct addrinfo *address;
    char host[256], port[8], request[1024];
    size_t request_length;
    long connections, seconds;
    const char *figures; /* a file for the demo, or NULL */
    char *buffer;

    struct link *links;
    struct series latency, requests, bytes;
    uint64_t second_requests, second_bytes; /* so far in this second */
    uint64_t errors, non2xx;
    long passed;
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static _Noreturn void stop(const char *sentence, const char *what)
{
    fprintf(stderr, "load: %s %s\n", sentence, what);
    exit(2);
}

/* --- figures -------------------------------------------------------------- */

static void add(struct series *series, double value)
{
    series->sum += value;
    series->squares += value * value;
    series->count++;
    if (value > series->max)
        series->max = value;
}

static double average(const struct series *series)
{
    return series->count ? series->sum / (double)series->count : 0;
}

static double deviation(const struct series *series)
{
    double mean = average(series);
    double rest;

    if (!series->count)
        return 0;
    rest = series->squares / (double)series->count - mean * mean;
    return rest > 0 ? sqrt(rest) : 0;
}

static void print_row(FILE *to, const char *name, const struct series *series)
{
    fprintf(to, "%-14s %14.2f %14.2f %14.2f\n", name, average(series),
        deviation(series), series->max);
}

static void print_figures(const struct load *load, FILE *to)
{
    fprintf(to, "%-14s %14s %14s %14s\n", "", "avg", "stdev", "max");
    print_row(to, "latency_ms", &load->latency);
    print_row(to, "requests/s", &load->requests);
    print_row(to, "bytes/s", &load->bytes);
    fprintf(to, "total %.0f requests in %ld s, %.0f bytes read, "
        "%llu errors, %llu non-2xx\n", load->requests.sum, load->seconds,
        load->bytes.sum, (unsigned long long)load->errors,
        (unsigned long long)load->non2xx);
}

/* --- one connection ------------------------------------------------------- */

static void ask(struct link *link)
{
    const struct load *load = link->load;

    link->in_body = false;
    link->head_length = 0;
    link->asked = now();
    /* A request is far smaller than an empty socket's buffer. */
    if (send(link->fd, load->request, load->request_length, MSG_NOSIGNAL)
        != (ssize_t)load->request_length)
        stop("cannot send to", load->host);
}

static void count_answer(struct link *link)
{
    struct load *load = link->load;

    add(&load->latency, (now() - link->asked) * 1000);
    load->second_requests++;
    if (link->head[9] != '2')
        load->non2xx++;
}

/* The value of Content-Length. Without one nothing tells where the answer
 * ends. */
static size_t body_length(const char *head)
{
    for (const char *line = head; line; line = strstr(line, "\r\n")) {
        line += *line == '\r' ? 2 : 0;
        if (strncasecmp(line, "content-length:", 15) == 0)
            return strtoul(line + 15, NULL, 10);
    }
    stop("an answer has no Content-Length:", head);
}

/* Takes what belongs to the head; returns how much that was. */
static size_t take_head(struct link *link, const char *bytes, size_t length)
{
    size_t before = link->head_length;
    size_t room = MOST_HEAD - before;
    size_t part = length < room ? length : room;
    char *end;

    memcpy(link->head + before, bytes, part);
    link->head[before + part] = '\0';
    end = strstr(link->head, "\r\n\r\n");
    if (!end) {
        if (part == room)
            stop("an answer's head is too long:", link->load->host);
        link->head_length += part;
        return part;
    }
    end[2] = '\0';
    link->in_body = true;
    link->body_left = body_length(link->head);
    return (size_t)(end + 4 - link->head) - before;
}

/* At most one answer is under way: the next is asked for when it is whole. */
static void take(struct link *link, const char *bytes, size_t length)
{
    link->load->second_bytes += length;
    if (!link->in_body) {
        size_t part = take_head(link, bytes, length);

        length -= part;
    }
    if (!link->in_body)
        return;
    if (length > link->body_left)
        stop("an answer is longer than it says:", link->head);

    link->body_left -= length;
    if (link->body_left == 0) {
        count_answer(link);
        ask(link);
    }
}

static void open_link(struct link *link);

static void on_ready(evutil_socket_t fd, short what, void *ctx)
{
    struct link *link = ctx;
    ssize_t length = recv(fd, link->load->buffer, MOST_READ, 0);

    (void)what;
    if (length > 0) {
        take(link, link->load->buffer, (size_t)length);
        return;
    }
    if (length < 0 && (errno == EAGAIN || errno == EINTR))
        return;

    /* The server closed it: between two answers it may. */
    link->load->errors += link->head_length > 0 || link->in_body;
    event_free(link->event);
    close(fd);
    open_link(link);
}

/* The first of the host's addresses that answers, or -1. */
static int connect_to(const struct addrinfo *to)
{
    for (; to; to = to->ai_next) {
        int fd = socket(to->ai_family, to->ai_socktype, 0);

        if (fd < 0)
            continue;
        if (connect(fd, to->ai_addr, to->ai_addrlen) == 0)
            return fd;
        close(fd);
    }
    return -1;
}

static void open_link(struct link *link)
{
    const struct load *load = link->load;
    int on = 1;

    link->fd = connect_to(load->address);
    if (link->fd < 0)
        stop("cannot connect to", load->host);

    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    evutil_make_socket_nonblocking(link->fd);
    link->event = event_new(load->base, link->fd, EV_READ | EV_PERSIST,
        on_ready, link);
    event_add(link->event, NULL);
    ask(link);
}

/* --- the run -------------------------------------------------------------- */

static void on_second(evutil_socket_t fd, short what, void *ctx)
{
    struct load *load = ctx;

    (void)fd;
    (void)what;
    add(&load->requests, (double)load->second_requests);
    add(&load->bytes, (double)load->second_bytes);
    printf("%s%7llu", load->passed % 10 ? "" : "\n  req/s ",
        (unsigned long long)load->second_requests);
    fflush(stdout);

    load->second_requests = 0;
    load->second_bytes = 0;
    if (++load->passed == load->seconds)
        event_base_loopbreak(load->base);
}

/* http://host:port/path, into the request that is sent again and again. */
static void read_url(struct load *load, const char *url)
{
    char host[250], port[8] = "80", path[512] = "/";
    int end = 0;

    if (strncmp(url, "http://", 7) == 0)
        url += 7;
    if (sscanf(url, "%249[^:/]%n", host, &end) != 1)
        stop("this is no URL:", url);
    sscanf(url + end, ":%7[0-9]", port);
    if (strchr(url, '/'))
        snprintf(path, sizeof path, "%s", strchr(url, '/'));

    snprintf(load->host, sizeof load->host, "%s", host);
    snprintf(load->port, sizeof load->port, "%s", port);
    load->request_length = (size_t)snprintf(load->request,
        sizeof load->request, "GET %s HTTP/1.1\r\nHost: %s:%s\r\n\r\n", path,
        host, port);
}

static void read_flags(struct load *load, int argc, char **argv)
{
    int flag;

    while ((flag = getopt(argc, argv, "c:d:f:")) != -1) {
        if (flag == 'c')
            load->connections = strtol(optarg, NULL, 10);
        if (flag == 'd')
            load->seconds = strtol(optarg, NULL, 10);
        if (flag == 'f')
            load->figures = optarg;
        if (flag == '?')
            exit(2);
    }
    if (optind + 1 != argc)
        stop("use:", "load [-c connections] [-d seconds] [-f file] URL");
    if (load->connections < 1 || load->connections > 10000)
        stop("-c takes", "1 to 10000");
    if (load->seconds < 1 || load->seconds > MOST_SECONDS)
        stop("-d takes", "1 to 3600");
    read_url(load, argv[optind]);
}

static void run(struct load *load)
{
    struct addrinfo wanted = {.ai_socktype = SOCK_STREAM};
    struct timeval second = {1, 0};
    /* RFC 6761, 6.3: this name needs no resolver, and not every machine has
     * one that knows it. */
    bool near = !strcmp(load->host, "localhost");
    struct event *timer;

    load->base = event_base_new();
    load->links = calloc((size_t)load->connections, sizeof *load->links);
    load->buffer = malloc(MOST_READ);
    if (!load->base || !load->links || !load->buffer)
        stop("out of memory", "");
    if (getaddrinfo(near ? "127.0.0.1" : load->host, load->port, &wanted,
            &load->address))
        stop("there is no host", load->host);

    timer = event_new(load->base, -1, EV_PERSIST, on_second, load);
    event_add(timer, &second);
    for (long i = 0; i < load->connections; i++) {
        load->links[i].load = load;
        open_link(&load->links[i]);
    }
    event_base_dispatch(load->base);
    printf("\n");

    for (long i = 0; i < load->connections; i++) {
        event_free(load->links[i].event);
        close(load->links[i].fd);
    }
    event_free(timer);
    event_base_free(load->base);
    freeaddrinfo(load->address);
    free(load->links);
    free(load->buffer);
}

int main(int argc, char **argv)
{
    static struct load load = {.connections = 10, .seconds = 10};
    FILE *to;

    read_flags(&load, argc, argv);
    run(&load);
    if (!load.figures) {
        print_figures(&load, stdout);
        return 0;
    }
    to = fopen(load.figures, "w");
    if (!to)
        stop("cannot write", load.figures);
    print_figures(&load, to);
    return fclose(to) == 0 ? 0 : 1;
}
