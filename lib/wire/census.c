/* SPDX-License-Identifier: MIT */
/* Numbers of connections. The addresses are in a table with open addressing,
 * which one that has no connections any more leaves: it is as large as what is
 * connected now, whoever was here before. */
#include "wire/census.h"
#include "wire/throttle.h"

#include "base/clock.h"
#include "base/mem.h"

#include <netinet/in.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>

enum { MOST = 10000, LEFT = 64, ROOM_FIRST = 64 };

struct entry {
    uint64_t network;
    size_t count; /* 0: a free place */
};

struct census {
    size_t most, most_per_address;
    atomic_size_t count;

    pthread_mutex_t lock; /* of what follows */
    struct throttle *throttle; /* NULL: as often as they like */
    struct entry *entries;
    size_t used, room;    /* room is a power of two */
    uint64_t seed;        /* who chooses addresses cannot choose places */
};

static size_t shorter(size_t one, size_t other)
{
    return one < other ? one : other;
}

/* What the system has no limit for is as good as a large one. */
static size_t most_by_descriptors(void)
{
    struct rlimit limit;
    size_t all, rest;

    if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur > 4 * MOST)
        return MOST;

    all = (size_t)limit.rlim_cur;
    rest = all > LEFT ? all - LEFT : 0;
    return shorter(MOST, rest > all / 2 ? rest : all / 2);
}

struct census *seed__census_new(size_t most, size_t most_per_address)
{
    struct census *census = seed__alloc_zeroed(sizeof *census);

    if (!census)
        return NULL;
    if (pthread_mutex_init(&census->lock, NULL)) {
        seed__release(census);
        return NULL;
    }
    census->most = most ? most : most_by_descriptors();
    census->most_per_address = most_per_address;
    census->seed = seed__now() ^ (uint64_t)(uintptr_t)census;
    return census;
}

bool seed__census_throttle(struct census *census, size_t per_second)
{
    census->throttle = seed__throttle_new(per_second, census->seed);
    return census->throttle;
}

void seed__census_free(struct census *census)
{
    if (!census)
        return;

    pthread_mutex_destroy(&census->lock);
    seed__throttle_free(census->throttle);
    seed__release(census->entries);
    seed__release(census);
}

size_t seed__census_most(const struct census *census)
{
    return census ? census->most : SIZE_MAX;
}

void seed__census_add(struct census *census)
{
    if (census)
        atomic_fetch_add_explicit(&census->count, 1, memory_order_relaxed);
}

void seed__census_drop(struct census *census)
{
    if (census)
        atomic_fetch_sub_explicit(&census->count, 1, memory_order_relaxed);
}

bool seed__census_full(const struct census *census)
{
    return census && atomic_load_explicit(&census->count,
        memory_order_relaxed) >= census->most;
}

/* --- addresses ------------------------------------------------------------ */

static uint64_t load(const unsigned char *bytes, size_t length)
{
    uint64_t value = 0;

    for (size_t i = 0; i < length; i++)
        value = value << 8 | bytes[i];
    return value;
}

/* An IPv4 address is 1 and its 32 bits, also one that is mapped into IPv6; as
 * prefixes of IPv6 these are reserved (0::/8, RFC 4291 4). */
bool seed__census_network(const struct sockaddr *address, uint64_t *network)
{
    const struct sockaddr_in *v4 = (const void *)address;
    const struct sockaddr_in6 *v6 = (const void *)address;

    switch (address->sa_family) {
    case AF_INET:
        *network = UINT64_C(1) << 32 | ntohl(v4->sin_addr.s_addr);
        return true;
    case AF_INET6:
        *network = IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)
            ? UINT64_C(1) << 32 | load(v6->sin6_addr.s6_addr + 12, 4)
            : load(v6->sin6_addr.s6_addr, 8);
        return true;
    default:
        return false;
    }
}

/* splitmix64's last steps. */
static size_t place_of(const struct census *census, uint64_t network)
{
    uint64_t mix = network ^ census->seed;

    mix = (mix ^ mix >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
    mix = (mix ^ mix >> 27) * UINT64_C(0x94d049bb133111eb);
    return (size_t)(mix ^ mix >> 31) & (census->room - 1);
}

/* Where it is, or would be. */
static struct entry *find(const struct census *census, uint64_t network)
{
    size_t at = place_of(census, network);

    while (census->entries[at].count
        && census->entries[at].network != network)
        at = (at + 1) & (census->room - 1);
    return &census->entries[at];
}

static bool make_room(struct census *census)
{
    struct entry *old = census->entries;
    size_t count = census->room;
    size_t room = count ? count * 2 : ROOM_FIRST;
    struct entry *entries;

    if (census->used < count / 2)
        return true;
    entries = seed__alloc_zeroed(room * sizeof *entries);
    if (!entries)
        return false;

    census->entries = entries;
    census->room = room;
    for (size_t i = 0; i < count; i++)
        if (old[i].count)
            *find(census, old[i].network) = old[i];
    seed__release(old);
    return true;
}

/* Closes the gap: what was put behind it for want of its place moves up. */
static void take_out(struct census *census, struct entry *entry)
{
    size_t mask = census->room - 1;
    size_t gap = (size_t)(entry - census->entries);

    census->used--;
    for (size_t at = (gap + 1) & mask; census->entries[at].count;
         at = (at + 1) & mask) {
        size_t home = place_of(census, census->entries[at].network);

        if (((at - home) & mask) < ((at - gap) & mask))
            continue;
        census->entries[gap] = census->entries[at];
        gap = at;
    }
    census->entries[gap] = (struct entry){ 0, 0 };
}

static bool comes_too_often(struct census *census, uint64_t network)
{
    return census->throttle
        && !seed__throttle_admit(census->throttle, network, seed__now());
}

/* Returns whether there was room. */
static bool count_in(struct census *census, struct origin *origin)
{
    struct entry *entry;

    if (comes_too_often(census, origin->network))
        return false;
    if (census->most_per_address == SIZE_MAX || !make_room(census))
        return true;

    entry = find(census, origin->network);
    if (entry->count >= census->most_per_address)
        return false;

    census->used += !entry->count;
    entry->network = origin->network;
    entry->count++;
    origin->counted = true;
    return true;
}

static bool minds_addresses(const struct census *census)
{
    return census->throttle || census->most_per_address != SIZE_MAX;
}

bool seed__census_enter(struct census *census, int fd, struct origin *origin)
{
    struct sockaddr_storage address;
    socklen_t size = sizeof address;
    bool room;

    *origin = (struct origin){ 0, false };
    if (!census || !minds_addresses(census)
        || getpeername(fd, (struct sockaddr *)&address, &size)
        || !seed__census_network((struct sockaddr *)&address,
            &origin->network))
        return true;

    pthread_mutex_lock(&census->lock);
    room = count_in(census, origin);
    pthread_mutex_unlock(&census->lock);
    return room;
}

void seed__census_leave(struct census *census, struct origin *origin)
{
    struct entry *entry;

    if (!origin->counted)
        return;

    origin->counted = false;
    pthread_mutex_lock(&census->lock);
    entry = find(census, origin->network);
    if (!--entry->count)
        take_out(census, entry);
    pthread_mutex_unlock(&census->lock);
}
