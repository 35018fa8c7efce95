/* SPDX-License-Identifier: MIT */
/* libseed's own warnings: one line each, to the application's function or to
 * stderr with the process's number in front, as node does; and to whoever
 * listens (the logger). */
#include "flow/req.h"

#include "base/clock.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { LINE_ROOM = 512, SECOND = 1000000000 };

static void tell(const struct plan *plan, const char *line)
{
    if (plan->options.warn)
        plan->options.warn(line, plan->options.warn_ctx);
    else
        fprintf(stderr, "(libseed:%ld) %s\n", (long)getpid(), line);

    for (unsigned i = 0; i < plan->listener_count; i++)
        plan->listeners[i].hear(line, plan->listeners[i].ctx);
}

/* A request's text must not forge a line or steer a terminal. */
static void tell_safely(const struct plan *plan, char *line)
{
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';
    tell(plan, line);
}

void seed__warn(const struct plan *plan, const char *format, ...)
{
    char line[LINE_ROOM];
    va_list list;

    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);
    tell_safely(plan, line);
}

/* Two in a row, for there may be two of the kind; then one a second. */
static bool may_warn(struct warned *warned)
{
    uint64_t now = seed__now();

    if (warned->spent < now)
        warned->spent = now;
    if (warned->spent - now > SECOND)
        return false;
    warned->spent += SECOND;
    return true;
}

void seed__warn_mistake(seed_req *req, enum mistake mistake,
    const char *format, ...)
{
    struct warned *warned = &req->flow->warned[mistake];
    char line[LINE_ROOM + 64];
    va_list list;
    size_t length;

    if (!may_warn(warned)) {
        warned->muted++;
        return;
    }
    va_start(list, format);
    vsnprintf(line, LINE_ROOM, format, list);
    va_end(list);
    length = strlen(line);
    if (warned->muted)
        snprintf(line + length, sizeof line - length,
            " (and %lu more like it since the last report)", warned->muted);
    warned->muted = 0;
    tell_safely(req->flow->plan, line);
}
