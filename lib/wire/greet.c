/* SPDX-License-Identifier: MIT */
/* What comes before requests on a connection whose mover has to agree with the
 * peer on how bytes are moved: TLS's handshake.
 *
 * It has a deadline from its beginning, which no progress puts off (sweep.c),
 * and a loop has a number of them at once: over it the listeners rest, the
 * kernel's backlog holds who comes, and the deadline becomes a short one. */
#include "wire/conn.h"

#include <string.h>

bool seed__greet_full(const struct loop *loop,
    const struct mover_maker *maker)
{
    return maker && maker->greetings_most
        && loop->greeting >= maker->greetings_most;
}

void seed__greet_begin(struct conn *conn)
{
    conn->greeting = true;
    conn->loop->greeting++;
    seed__doors_mind_greetings(conn->loop);
}

void seed__greet_end(struct conn *conn)
{
    if (!conn->greeting)
        return;

    conn->greeting = false;
    conn->loop->greeting--;
    seed__doors_mind_greetings(conn->loop);
}

static void become_plain(struct conn *conn)
{
    conn->mover->ops->free(conn->mover);
    conn->mover = &conn->plain;
}

/* RFC 9110 15.5.1; in clear text, for that is what the peer can read. */
static void answer_clear(struct conn *conn)
{
    become_plain(conn);
    seed__conn_enter(conn, PHASE_WAIT);
    conn->req = NULL;
    seed__flow_refuse(conn->loop->flow, &conn->sink, NULL, 400,
        "this port speaks TLS: ask it by https://");
}

/* What the mover has sent must not be lost to a reset by what the peer still
 * sends: the polite end of any connection. */
static void part(struct conn *conn)
{
    become_plain(conn);
    seed__conn_enter(conn, PHASE_CLOSING);
}

void seed__greet_run(struct conn *conn)
{
    int result = conn->mover->ops->greet(conn->mover);

    if (result == MOVED_AGAIN)
        return;

    seed__greet_end(conn);
    conn->readable = true; /* the mover may have read more than it needed */
    if (result == MOVED_CLEAR)
        answer_clear(conn);
    else if (result == MOVED_REFUSED)
        part(conn);
    else if (result < 0)
        seed__conn_kill(conn);
    else
        seed__conn_enter(conn, PHASE_HEAD);
}

void seed__greet_farewell(struct conn *conn)
{
    bool orderly = !conn->req && !conn->out.count;

    if (orderly && conn->mover->ops->farewell)
        conn->mover->ops->farewell(conn->mover);
}

/* Of "https://HOST/path", which goes before the Host field (RFC 9112 3.3). */
static struct str host_of_target(struct str target)
{
    const char *start = memchr(target.at, ':', target.length);
    const char *end = target.at + target.length, *at;

    if (!start || *target.at == '/' || end - start < 3)
        return (struct str){ NULL, 0 };

    start += 3;
    for (at = start; at < end && *at != '/' && *at != '?'; at++)
        ;
    return (struct str){ start, (size_t)(at - start) };
}

/* Without its port; an IPv6 address keeps its brackets. */
static struct str without_port(struct str host)
{
    size_t length = host.length;

    while (length && host.at[length - 1] >= '0' && host.at[length - 1] <= '9')
        length--;
    if (length && host.at[length - 1] == ':')
        host.length = length - 1;
    return host;
}

bool seed__greet_allows(struct conn *conn, const struct head *head)
{
    struct str host = host_of_target((struct str){ conn->at + head->target,
        head->target_length });

    if (!host.at)
        host = (struct str){ conn->at + head->host, head->host_length };
    return conn->mover->ops->serves(conn->mover, without_port(host));
}
