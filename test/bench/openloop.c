/* SPDX-License-Identifier: MIT */
/* Open-loop load: requests come when a Poisson process says so, whether or not
 * the ones before them were answered, as those of many people do. Latency is
 * counted from the moment that was scheduled (a tool that waits for answers
 * before it asks again slows down with the server, and leaves out what it did
 * not send).
 *
 *     openloop PORT RATE SECONDS [WARM-UP [GOOD-MS [SEED]]]
 *
 * Requests of the first WARM-UP seconds are sent and not counted; two seconds
 * after the last, what is still unanswered is given up. A request goes out on a
 * connection that is idle, or on a new one. One line is printed. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

/* link: -lm */

enum { MOST_LINKS = 16000, MOST_HEAD = 2048, EVENTS = 256, PATIENCE = 2 };

static const char request[] = "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n";

/* A connection: idle, or waiting for the answer to one request. */
struct link {
    int fd;
    bool waits, sent, counted;
    double scheduled;
    size_t length;
    char head[MOST_HEAD + 1];
    struct link *next; /* idle, or closed */
};

/* Latencies of one kind of answer, in milliseconds. */
struct sample {
    double *at;
    size_t count, room;
};

struct load {
    int epoll, timer, port;
    double rate, start, warm, end, good_ms;
    double next; /* when the next request is due */
    uint64_t random;
    struct link *idle, *closed;
    size_t links, waiting;

    uint64_t offered, good, failed, unsent;
    struct sample served, refused;
};

static double now(void)
{
    struct timespec time;

    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void give_up(const char *what)
{
    perror(what);
    exit(1);
}

/* --- numbers -------------------------------------------------------------- */

/* Uniform in (0, 1]. Xorshift, from a seed: each run sends at the same
 * moments. */
static double draw(struct load *load)
{
    load->random ^= load->random << 13;
    load->random ^= load->random >> 7;
    load->random ^= load->random << 17;
    return ((double)(load->random >> 11) + 1) / 9007199254740992.0;
}

static void note(struct sample *sample, double value)
{
    if (sample->count == sample->room) {
        sample->room = sample->room ? 2 * sample->room : 4096;
        sample->at = realloc(sample->at, sample->room * sizeof *sample->at);
        if (!sample->at)
            give_up("realloc");
    }
    sample->at[sample->count++] = value;
}

static int compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;

    return (a > b) - (a < b);
}

static double percentile(struct sample *sample, double part)
{
    if (!sample->count)
        return 0;
    qsort(sample->at, sample->count, sizeof *sample->at, compare);
    return sample->at[(size_t)(part * (double)(sample->count - 1) + 0.5)];
}

/* --- connections ---------------------------------------------------------- */

static struct link *new_link(struct load *load)
{
    struct link *link = load->closed;

    if (link) {
        load->closed = link->next;
    } else if (load->links < MOST_LINKS) {
        link = malloc(sizeof *link);
        load->links += link != NULL;
    }
    return link;
}

static void close_link(struct load *load, struct link *link)
{
    close(link->fd);
    load->failed += link->waits && link->counted;
    load->waiting -= link->waits;
    link->waits = false;
    link->next = load->closed;
    load->closed = link;
}

static struct link *open_link(struct load *load)
{
    struct sockaddr_in to = { .sin_family = AF_INET,
        .sin_port = htons((uint16_t)load->port),
        .sin_addr = { htonl(INADDR_LOOPBACK) } };
    struct link *link = new_link(load);
    struct epoll_event event = { .events = EPOLLIN | EPOLLOUT | EPOLLET,
        .data.ptr = link };
    int one = 1;

    if (!link)
        return NULL;
    *link = (struct link){ .fd = socket(AF_INET,
        SOCK_STREAM | SOCK_CLOEXEC, 0) };
    if (link->fd < 0)
        give_up("socket");
    setsockopt(link->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);

    /* On the loopback it is there at once, unless the backlog is full. */
    fcntl(link->fd, F_SETFL, O_NONBLOCK);
    if (connect(link->fd, (struct sockaddr *)&to, sizeof to)
        && errno != EINPROGRESS) {
        close_link(load, link);
        return NULL;
    }
    if (epoll_ctl(load->epoll, EPOLL_CTL_ADD, link->fd, &event))
        give_up("epoll_ctl");
    return link;
}

/* The request, once the connection is there. */
static bool send_request(struct link *link)
{
    ssize_t count = send(link->fd, request, sizeof request - 1, MSG_NOSIGNAL);

    link->sent = count == (ssize_t)sizeof request - 1;
    return link->sent || (count < 0 && errno == EAGAIN);
}

static void ask(struct load *load, double scheduled)
{
    bool counted = scheduled >= load->warm;
    struct link *link = load->idle;

    load->offered += counted;
    if (link)
        load->idle = link->next;
    else
        link = open_link(load);
    if (!link) {
        load->unsent += counted;
        return;
    }

    load->waiting++;
    link->waits = true;
    link->counted = counted;
    link->scheduled = scheduled;
    link->sent = false;
    link->length = 0;
    if (!send_request(link))
        close_link(load, link);
}

static void count_answer(struct load *load, const struct link *link)
{
    double latency = (now() - link->scheduled) * 1000;
    int status = atoi(link->head + 9);

    if (!link->counted)
        return;
    if (status == 200) {
        note(&load->served, latency);
        load->good += latency <= load->good_ms;
    } else if (status == 503) {
        note(&load->refused, latency);
    } else {
        load->failed++;
    }
}

/* The whole answer fits into the buffer; both servers write Content-Length. */
static bool is_whole(const struct link *link)
{
    const char *end = strstr(link->head, "\r\n\r\n"), *length;

    if (!end)
        return false;
    length = strcasestr(link->head, "\r\nContent-Length:");
    return length && length < end
        && link->length >= (size_t)(end + 4 - link->head)
            + strtoul(length + 17, NULL, 10);
}

static void drop_link(struct load *load, struct link *link)
{
    struct link **at = &load->idle;

    while (!link->waits && *at && *at != link)
        at = &(*at)->next;
    if (!link->waits && *at)
        *at = link->next;
    close_link(load, link);
}

static void end_answer(struct load *load, struct link *link)
{
    count_answer(load, link);
    load->waiting--;
    link->waits = false;
    if (strcasestr(link->head, "\r\nConnection: close")) {
        close_link(load, link);
        return;
    }
    link->next = load->idle;
    load->idle = link;
}

/* An edge: both directions are tried. */
static void on_edge(struct load *load, struct link *link)
{
    ssize_t count;

    if (link->waits && !link->sent && !send_request(link)) {
        close_link(load, link);
        return;
    }
    count = recv(link->fd, link->head + link->length,
        MOST_HEAD - link->length, 0);
    if (count < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (count <= 0) {
        drop_link(load, link);
        return;
    }
    link->length += (size_t)count;
    link->head[link->length] = '\0';
    if (link->waits && is_whole(link))
        end_answer(load, link);
}

/* --- time ----------------------------------------------------------------- */

static void set_timer(struct load *load)
{
    struct itimerspec when = { 0 };

    when.it_value.tv_sec = (time_t)load->next;
    when.it_value.tv_nsec = (long)((load->next - floor(load->next)) * 1e9);
    timerfd_settime(load->timer, TFD_TIMER_ABSTIME, &when, NULL);
}

static void send_due(struct load *load)
{
    while (load->next <= now() && load->next < load->end) {
        ask(load, load->next);
        load->next -= log(draw(load)) / load->rate;
    }
    if (load->next < load->end)
        set_timer(load);
}

static void serve_events(struct load *load, double until)
{
    struct epoll_event events[EVENTS];

    while (now() < load->end || (load->waiting && now() < until)) {
        int count = epoll_wait(load->epoll, events, EVENTS, 50);
        uint64_t ticks;

        for (int i = 0; i < count; i++) {
            if (events[i].data.ptr) {
                on_edge(load, events[i].data.ptr);
                continue;
            }
            if (read(load->timer, &ticks, sizeof ticks) > 0)
                send_due(load);
        }
    }
}

static void open_all(struct load *load)
{
    struct rlimit files = { MOST_LINKS + 64, MOST_LINKS + 64 };
    struct epoll_event event = { .events = EPOLLIN };

    setrlimit(RLIMIT_NOFILE, &files);
    load->epoll = epoll_create1(EPOLL_CLOEXEC);
    load->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK);
    if (load->epoll < 0 || load->timer < 0
        || epoll_ctl(load->epoll, EPOLL_CTL_ADD, load->timer, &event))
        give_up("epoll");
}

static void print_line(struct load *load)
{
    double seconds = load->end - load->warm;
    uint64_t told = load->served.count + load->refused.count + load->failed
        + load->unsent;

    printf("offered %.1f good %.1f served %.1f refused %.1f failed %llu"
        " unanswered %llu p50 %.1f p99 %.1f max %.1f refused-p99 %.1f"
        " connections %zu\n",
        (double)load->offered / seconds, (double)load->good / seconds,
        (double)load->served.count / seconds,
        (double)load->refused.count / seconds,
        (unsigned long long)(load->failed + load->unsent),
        (unsigned long long)(load->offered - told),
        percentile(&load->served, 0.5), percentile(&load->served, 0.99),
        percentile(&load->served, 1), percentile(&load->refused, 0.99),
        load->links);
}

int main(int argc, char **argv)
{
    struct load load = { 0 };
    double seconds, warm_up;

    if (argc < 4) {
        fprintf(stderr,
            "openloop PORT RATE SECONDS [WARM-UP [GOOD-MS [SEED]]]\n");
        return 2;
    }
    load.port = atoi(argv[1]);
    load.rate = atof(argv[2]);
    seconds = fmin(atof(argv[3]), 60);
    warm_up = argc > 4 ? atof(argv[4]) : 1;
    load.good_ms = argc > 5 ? atof(argv[5]) : 250;
    load.random = 0x9e3779b97f4a7c15
        * (uint64_t)(argc > 6 ? atol(argv[6]) : 1) | 1;
    if (load.rate <= 0)
        return 2;

    alarm(70 + PATIENCE);
    open_all(&load);
    load.start = now() + 0.1;
    load.warm = load.start + warm_up;
    load.end = load.warm + seconds;
    load.next = load.start;
    set_timer(&load);
    serve_events(&load, load.end + PATIENCE);
    print_line(&load);
    return 0;
}
