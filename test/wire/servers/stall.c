/* SPDX-License-Identifier: MIT */
/* Handlers that hold the loop up, each in its own way, and what the stall
 * catcher made of it, as JSON. */
#include "common.h"

#include <pthread.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static char told[1 << 16];
static seed_stall_watch *stalls;
static seed_lag_watch *lags;

static void on_stall(const seed_stall *stall, void *ctx)
{
    size_t length;

    (void)ctx;
    pthread_mutex_lock(&lock);
    length = strlen(told);
    snprintf(told + length, sizeof told - length, "%s{\"cause\":\"%s\","
        "\"turn\":%llu,\"step\":%u,\"ms\":%.1f,\"computing\":%.3f,"
        "\"waiting\":%.3f,\"starved\":%.3f,\"call\":\"%s\",\"function\":"
        "\"%s\",\"pattern\":\"%s\",\"method\":\"%s\",\"url\":\"%s\","
        "\"searched\":%s,\"stack\":\"%s\"}", length ? "," : "",
        seed_stall_cause_name(stall->cause),
        (unsigned long long)stall->turn, stall->step,
        (double)stall->age / 1e6, stall->computing, stall->waiting,
        stall->starved, stall->call,
        stall->site ? stall->site->function : "",
        stall->route ? seed_route_pattern(stall->route) : "",
        stall->method, stall->url, stall->searched ? "true" : "false",
        stall->stack);
    pthread_mutex_unlock(&lock);
}

static seed_step tell(seed_req *req, seed_res *res, void *ctx)
{
    struct seed_stall_counts caught = seed_stall_counts(stalls);
    char *text;

    (void)ctx;
    pthread_mutex_lock(&lock);
    text = seed_req_printf(req, "{\"computes\":%d,\"waits\":%d,"
        "\"starved\":%d,\"stalls\":[%s]}",
        (int)caught.turns[SEED_STALL_COMPUTES],
        (int)caught.turns[SEED_STALL_WAITS],
        (int)caught.turns[SEED_STALL_STARVED], told);
    pthread_mutex_unlock(&lock);
    return seed_send_text(res, 200, text);
}

static seed_step tell_lag(seed_req *req, seed_res *res, void *ctx)
{
    struct seed_lag lag;

    (void)ctx;
    seed_lag(lags, SEED_ALL_WORKERS, &lag);
    return seed_send_text(res, 200, seed_req_printf(req,
        "{\"utilisation\":%.4f,\"cpu\":%.4f,\"turns\":%llu,\"p50\":%.3f,"
        "\"p99\":%.3f,\"longest\":%.3f,\"age\":%.3f,\"timer\":%s}",
        lag.utilisation, lag.cpu, (unsigned long long)lag.turns,
        (double)lag.p50 / 1e6, (double)lag.p99 / 1e6,
        (double)lag.longest / 1e6, (double)lag.age / 1e6,
        lag.by_timer ? "true" : "false"));
}

static unsigned ms_of(const seed_req *req)
{
    return (unsigned)atoi(seed_req_param(req, "ms"));
}

static double since(clockid_t clock, const struct timespec *begun)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)(now.tv_sec - begun->tv_sec) * 1e3
        + (double)(now.tv_nsec - begun->tv_nsec) / 1e6;
}

/* So many milliseconds of the processor, however long they take; which part of
 * that time it had the processor is in a field. */
static seed_step burn(seed_req *req, seed_res *res, void *ctx)
{
    struct timespec begun, worked;
    char share[16];
    double spent = 0;

    (void)ctx;
    clock_gettime(CLOCK_MONOTONIC, &begun);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &worked);
    while (spent < ms_of(req))
        spent = since(CLOCK_THREAD_CPUTIME_ID, &worked);
    snprintf(share, sizeof share, "%.3f",
        spent / since(CLOCK_MONOTONIC, &begun));
    seed_res_set(res, "X-Share", share);
    return seed_send_text(res, 200, "burnt");
}

static seed_step sleep_long(seed_req *req, seed_res *res, void *ctx)
{
    struct timespec time = { 0, (long)ms_of(req) * 1000000 }, left = { 0, 0 };

    (void)ctx;
    /* A sleep that was cut short says so. */
    if (nanosleep(&time, &left))
        return seed_send_text(res, 200, "cut short");
    return seed_send_text(res, 200, "slept");
}

static seed_step read_long(seed_req *req, seed_res *res, void *ctx)
{
    int ends[2];
    char byte;
    pid_t child;

    (void)ctx;
    if (pipe(ends))
        return seed_fail(res, 500, "no pipe");
    child = fork();
    if (!child) {
        usleep(ms_of(req) * 1000);
        _exit(0);
    }
    close(ends[1]);
    if (read(ends[0], &byte, 1) < 0)
        return seed_fail(res, 500, "no end");
    close(ends[0]);
    waitpid(child, NULL, 0);
    return seed_send_text(res, 200, "read");
}

static void burn_in_task(void *ctx)
{
    uint64_t end = seed_now() + 200000000;

    (void)ctx;
    while (seed_now() < end)
        ;
}

static seed_step later(seed_req *req, seed_res *res, void *ctx)
{
    (void)ctx;
    seed_timer_start(seed_req_worker(req), 20, false, burn_in_task, NULL);
    return seed_send_text(res, 200, "later");
}

static seed_step hello(seed_req *req, seed_res *res, void *ctx)
{
    (void)req;
    (void)ctx;
    return seed_send_text(res, 200, "hello");
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argc, argv);
    seed_server *server = seed_server_new(&flags.options);
    int status;

    keep_counts(server);
    seed_get(server, "/hello", hello, NULL);
    seed_get(server, "/burn/:ms", burn, NULL);
    seed_get(server, "/sleep/:ms", sleep_long, NULL);
    seed_get(server, "/read/:ms", read_long, NULL);
    seed_get(server, "/later", later, NULL);
    seed_get(server, "/stalls", tell, NULL);
    seed_get(server, "/lag", tell_lag, NULL);
    stalls = seed_stall_new(server, NULL);
    seed_on_stall(stalls, on_stall, NULL);
    lags = seed_lag_new(server, &(struct seed_lag_options){ .interval = 200 });
    status = serve(server, &flags);
    seed_stall_free(stalls);
    seed_lag_free(lags);
    return status;
}
