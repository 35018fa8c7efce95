/* SPDX-License-Identifier: MIT */
/* W3C Trace Context, https://www.w3.org/TR/trace-context/ (sections cited). */
#include <seed/context.h>
#include <seed/req.h>

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <strings.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

enum { TRACE = 32, SPAN = 16, PARENT = 55, MEMBERS = 32 };
enum { SAMPLED = 1, RANDOM = 2 };

#define DIGITS "0123456789abcdef"
#define LETTERS "abcdefghijklmnopqrstuvwxyz"
#define KEY_REST LETTERS "0123456789_-*/"

static const char key;

/* --- traceparent ---------------------------------------------------------- */

static bool hex(const char *text, size_t length)
{
    return strspn(text, DIGITS) >= length;
}

static bool id_valid(const char *text, size_t length)
{
    return hex(text, length) && strspn(text, "0") < length;
}

static unsigned digit(char byte)
{
    return (unsigned)(byte <= '9' ? byte - '0' : byte - 'a' + 10);
}

/* 3.2: "00-" trace "-" parent "-" flags. A later version may add more behind
 * a dash, and is read as far as this one goes (4.3). */
static bool valid(const char *text)
{
    size_t length = strlen(text);

    if (length < PARENT || !hex(text, 2) || !strncmp(text, "ff", 2))
        return false;
    if (text[2] != '-' || text[35] != '-' || text[52] != '-')
        return false;
    if (!id_valid(text + 3, TRACE) || !id_valid(text + 36, SPAN)
        || !hex(text + 53, 2))
        return false;
    if (!strncmp(text, "00", 2))
        return length == PARENT;
    return length == PARENT || text[PARENT] == '-';
}

bool seed_context_parse(seed_context *out, const char *traceparent)
{
    if (!traceparent || !valid(traceparent))
        return false;

    memset(out, 0, sizeof *out);
    memcpy(out->trace_id, traceparent + 3, TRACE);
    memcpy(out->parent_id, traceparent + 36, SPAN);
    out->flags = (unsigned char)((digit(traceparent[53]) << 4
                                     | digit(traceparent[54]))
        & (SAMPLED | RANDOM));
    out->tracestate = "";
    return true;
}

/* --- tracestate ----------------------------------------------------------- */

/* 3.3.1.3.1: "vendor", or "tenant@system"; a tenant may begin with a digit. */
static bool key_valid(const char *text, size_t length)
{
    const char *at = memchr(text, '@', length);
    size_t tenant = at ? (size_t)(at - text) : 0;
    const char *system = at ? at + 1 : text;
    size_t rest = at ? length - tenant - 1 : length;

    if (!rest || rest > (at ? 14u : 256u) || *system < 'a' || *system > 'z'
        || strspn(system, KEY_REST) < rest)
        return false;
    return !at
        || (tenant && tenant <= 241 && strspn(text, KEY_REST) >= tenant
            && strspn(text, LETTERS "0123456789"));
}

/* 3.3.1.3.2: printable, no comma, no "=", and no blank at its end. */
static bool value_valid(const char *text, size_t length)
{
    if (!length || length > 256 || text[length - 1] == ' ')
        return false;
    for (size_t i = 0; i < length; i++) {
        if (text[i] < ' ' || text[i] > '~' || text[i] == '=')
            return false;
    }
    return true;
}

struct member {
    const char *text;
    size_t length, key_length;
};

static struct member next_member(const char **text)
{
    struct member member = { *text, strcspn(*text, ","), 0 };

    *text += member.length + (member.text[member.length] == ',');
    while (member.length && strchr(" \t", *member.text)) {
        member.text++;
        member.length--;
    }
    while (member.length && strchr(" \t", member.text[member.length - 1]))
        member.length--;
    return member;
}

static bool member_valid(struct member *member)
{
    const char *equals = memchr(member->text, '=', member->length);

    if (!equals)
        return false;
    member->key_length = (size_t)(equals - member->text);
    return key_valid(member->text, member->key_length)
        && value_valid(equals + 1, member->length - member->key_length - 1);
}

/* 3.3.1.1: at most 32 members, each key once; empty ones are allowed. */
static bool state_valid(const char *text)
{
    struct member members[MEMBERS], *end = members;

    while (*text) {
        struct member member = next_member(&text);

        if (!member.length)
            continue;
        if (end == members + MEMBERS || !member_valid(&member))
            return false;
        for (struct member *at = members; at < end; at++) {
            if (at->key_length == member.key_length
                && !memcmp(at->text, member.text, member.key_length))
                return false;
        }
        *end++ = member;
    }
    return end > members;
}

/* --- ids ------------------------------------------------------------------ */

/* A fork's child must not give its parent's ids. */
static atomic_uint forks;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void count_fork(void)
{
    atomic_fetch_add(&forks, 1);
}

static void watch_forks(void)
{
    pthread_atfork(NULL, NULL, count_fork);
}

static void seed_state(uint64_t state[2])
{
    struct timespec now;

    if (!getentropy(state, 2 * sizeof *state) && (state[0] | state[1]))
        return;
    clock_gettime(CLOCK_REALTIME, &now);
    state[0] = (uint64_t)now.tv_nsec * 0x9e3779b97f4a7c15u + 1;
    state[1] = (uint64_t)(uintptr_t)state ^ (uint64_t)getpid();
}

/* xoroshiro128+, one a thread: ids must differ, not be secret. */
static uint64_t random_word(void)
{
    static _Thread_local struct {
        uint64_t state[2];
        unsigned forks;
        bool seeded;
    } own;
    uint64_t a, b, word;

    if (!own.seeded || own.forks != atomic_load(&forks)) {
        pthread_once(&once, watch_forks);
        seed_state(own.state);
        own.forks = atomic_load(&forks);
        own.seeded = true;
    }
    a = own.state[0];
    b = own.state[1] ^ a;
    word = a + own.state[1];
    own.state[0] = (a << 24 | a >> 40) ^ b ^ b << 16;
    own.state[1] = b << 37 | b >> 27;
    return word;
}

static void make_id(char *out, size_t length)
{
    do {
        for (size_t i = 0; i < length; i += 16) {
            uint64_t word = random_word();

            for (size_t at = i; at < i + 16; at++, word >>= 4)
                out[at] = DIGITS[word & 15];
        }
    } while (strspn(out, "0") >= length);
    out[length] = '\0';
}

void seed_context_span(seed_context *context)
{
    char *out = context->traceparent;

    if (!*context->trace_id) {
        make_id(context->trace_id, TRACE);
        context->flags = SAMPLED | RANDOM;
    }
    if (!context->tracestate)
        context->tracestate = "";
    make_id(context->span_id, SPAN);

    memcpy(out, "00-", 3);
    memcpy(out + 3, context->trace_id, TRACE);
    out[35] = '-';
    memcpy(out + 36, context->span_id, SPAN);
    memcpy(out + 52, "-0", 2);
    out[54] = DIGITS[context->flags & 15];
    out[PARENT] = '\0';
}

/* --- a request's ---------------------------------------------------------- */

/* The only `traceparent`, or NULL (3.2: there is one). */
static const char *parent_of(const seed_req *req)
{
    const char *name, *value, *found = NULL;

    for (size_t i = 0; seed_req_field(req, i, &name, &value); i++) {
        if (strcasecmp(name, "traceparent"))
            continue;
        if (found)
            return NULL;
        found = value;
    }
    return found;
}

const seed_context *seed_req_context(seed_req *req)
{
    seed_context *context = seed_req_slot(req, &key);
    const char *state;

    if (context)
        return context;
    context = seed_req_alloc(req, sizeof *context);
    if (!context || seed_req_set(req, &key, context))
        return NULL;

    memset(context, 0, sizeof *context);
    if (seed_context_parse(context, parent_of(req))) {
        state = seed_req_header_list(req, "tracestate");
        if (state && state_valid(state))
            context->tracestate = state;
    }
    seed_context_span(context);
    return context;
}
