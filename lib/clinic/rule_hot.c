/* SPDX-License-Identifier: MIT */
/* Libraries that take much of the time in handlers and hooks, and the
 * article's advice for that: what need not be hashed, not be serialised twice,
 * not be sent again. A note: the server is well, and could be faster. */
#include "clinic/rules.h"

#include <stdio.h>
#include <string.h>

/* The shares that a piece of advice takes to be worth it. */
enum { WORTH_PERCENT = 3 };

static bool runs_behind(const struct span_fact *span)
{
    return !strcmp(span->kind, "after") || !strcmp(span->kind, "send");
}

static bool is_worth(double share)
{
    return 100 * share >= WORTH_PERCENT;
}

static double share_in(const struct facts *facts, double *jansson)
{
    double openssl = 0;

    *jansson = 0;
    for (size_t i = 0; i < facts->span_count; i++) {
        openssl += facts->spans[i].openssl;
        *jansson += facts->spans[i].jansson;
    }
    return openssl;
}

static const struct span_fact *hottest(const struct facts *facts)
{
    const struct span_fact *best = NULL;

    for (size_t i = 0; i < facts->span_count; i++) {
        const struct span_fact *span = &facts->spans[i];

        if (!best || span->openssl + span->jansson
                > best->openssl + best->jansson)
            best = span;
    }
    return best;
}

static void advise(struct finding *found, const struct facts *facts,
    const struct span_fact *span)
{
    const char *name = span->function;

    if (is_worth(span->openssl) && !runs_behind(span))
        seed__finding_evidence(found, "%.40s hashes before there is an answer "
            "(%.0f %%): a URL as a key needs no hash", name,
            100 * span->openssl);
    if (is_worth(span->openssl) && runs_behind(span))
        seed__finding_evidence(found, "%.40s digests what was sent (%.0f %%), "
            "the same in %.0f of 100 answers: seed_check_key()", name,
            100 * span->openssl,
            100 * facts_share(facts->same_body, facts->looked));
    if (is_worth(span->jansson) && runs_behind(span))
        seed__finding_evidence(found, "%.40s serialises what was sent again "
            "(%.0f %%): seed_res_bytes() has it", name, 100 * span->jansson);
    if (is_worth(span->jansson) && !runs_behind(span))
        seed__finding_evidence(found, "%.40s builds a tree of values "
            "(%.0f %%): seed_json writes straight", name,
            100 * span->jansson);
}

/* Clients ask whether it has changed, and are never told that it has not. */
static bool never_304(const struct facts *facts)
{
    return facts->looked >= 10 && facts->asked * 4 >= facts->looked
        && facts->has_etag * 4 >= facts->looked && !facts->not_modified;
}

void seed__rule_hot(const struct facts *facts, struct findings *findings)
{
    const struct span_fact *span = hottest(facts);
    double jansson, openssl = share_in(facts, &jansson);
    bool hot = openssl >= HOT_SHARE || jansson >= HOT_SHARE;
    struct finding *found;

    /* A leak is the reason, and its end the remedy. */
    if (seed__findings_have(findings, "L1") || (!hot && !never_304(facts)))
        return;

    found = seed__finding_new(findings, "C1", SEED_NOTE,
        openssl > jansson ? openssl : jansson);
    if (hot) {
        seed__finding_blame(found, span);
        snprintf(found->sentence, sizeof found->sentence, "%s takes %.0f %% "
            "of the processor's time in handlers and hooks, most in %.80s.",
            openssl >= jansson ? "OpenSSL" : "jansson",
            100 * found->share, span->function);
    } else {
        snprintf(found->sentence, sizeof found->sentence, "Clients send "
            "If-None-Match, and no answer was a 304.");
    }
    snprintf(found->fix, sizeof found->fix, "Use the URL itself as the key; "
        "make the ETag from what determines the answer (a version, a time) by "
        "seed_check_key(), which also answers 304; take the bytes that were "
        "sent from seed_res_bytes().");
    for (size_t i = 0; i < facts->span_count; i++)
        advise(found, facts, &facts->spans[i]);
    if (never_304(facts))
        seed__finding_evidence(found, "If-None-Match in %.0f of 100 requests, "
            "304 in none", 100 * facts_share(facts->asked, facts->looked));
}
