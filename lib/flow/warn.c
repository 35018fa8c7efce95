/* SPDX-License-Identifier: MIT */
/* libseed's own warnings: one line each, to the application's function or to
 * stderr with the process's number in front, as node does; and to whoever
 * listens (the logger). */
#include "flow/req.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static void tell(const struct plan *plan, const char *line)
{
    if (plan->options.warn)
        plan->options.warn(line, plan->options.warn_ctx);
    else
        fprintf(stderr, "(libseed:%ld) %s\n", (long)getpid(), line);

    for (unsigned i = 0; i < plan->listener_count; i++)
        plan->listeners[i].hear(line, plan->listeners[i].ctx);
}

void seed__warn(const struct plan *plan, const char *format, ...)
{
    char line[512];
    va_list list;

    va_start(list, format);
    vsnprintf(line, sizeof line, format, list);
    va_end(list);

    /* A request's text must not forge a line or steer a terminal. */
    for (char *at = line; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            *at = '?';

    tell(plan, line);
}
