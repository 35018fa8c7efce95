/* SPDX-License-Identifier: MIT */
/* The table of rules, and what all that they find amounts to. */
#include "clinic/rules.h"

#include <stdio.h>
#include <string.h>

/* In this order, for some ask what was found before them. `early` ones need
 * no long recording: what they see is there whoever looks. */
static const struct {
    rule *rule;
    bool early;
} rules[] = {
    { seed__rule_leak, true },
    { seed__rule_blocked, true },
    { seed__rule_starved, false },
    { seed__rule_full, false },
    { seed__rule_amplified, false },
    { seed__rule_memory, false },
    { seed__rule_allocator, false },
    { seed__rule_io, false },
    { seed__rule_slow_clients, false },
    { seed__rule_handles, false },
    { seed__rule_churn, false },
    { seed__rule_hot, false },
    { seed__rule_shed, false },
};

static bool enough(const struct facts *facts)
{
    return facts_window(facts) >= ENOUGH_SECONDS
        && facts->ended >= ENOUGH_REQUESTS;
}

/* Nothing was found, and yet some requests took long. Where others had the
 * processors, that is why. */
static void judge_unknown(const struct facts *facts,
    struct findings *findings)
{
    double times = facts->p50 ? (double)facts->p99 / (double)facts->p50 : 0;
    struct finding *finding;
    bool strange = facts->p99 > UNKNOWN_P99
        || (times > UNKNOWN_TIMES && facts->p99 > UNKNOWN_LEAST);

    if (!strange || facts_share(facts->starved, facts->busy) > STARVED_SHARE)
        return;
    for (size_t i = 0; i < findings->count; i++)
        if (findings->list[i].severity != SEED_NOTE)
            return;

    finding = seed__finding_new(findings, "U0", SEED_WARNING, 0);
    snprintf(finding->sentence, sizeof finding->sentence, "One request in "
        "100 took %.0f ms and more, and no rule says why.",
        (double)facts->p99 / 1e6);
    snprintf(finding->fix, sizeof finding->fix, "Record again on a quiet "
        "machine, for longer; then look at the ledger and the flame graph.");
    seed__finding_evidence(finding, "half of the requests within %.1f ms, "
        "99 of 100 within %.1f ms", (double)facts->p50 / 1e6,
        (double)facts->p99 / 1e6);
    seed__finding_evidence(finding, "the loops are %.0f %% full, the longest "
        "turn took %.0f ms", 100 * facts_share(facts->busy,
            facts->loop_time), (double)facts->longest / 1e6);
    seed__finding_evidence(finding, "%.1f requests in flight on average",
        facts->in_flight);
}

/* --- the verdict ---------------------------------------------------------- */

static void say_more_is_needed(const struct facts *facts,
    struct verdict *verdict)
{
    double window = facts_window(facts);

    *verdict = (struct verdict){ .category = "not-enough", .id = "N1",
        .title = "Not enough was seen" };
    if (!facts->begun)
        snprintf(verdict->sentence, sizeof verdict->sentence, "No load was "
            "seen in %.1f s: send requests while the doctor records.",
            facts->seconds);
    else if (window < ENOUGH_SECONDS)
        snprintf(verdict->sentence, sizeof verdict->sentence, "There was load "
            "for %.1f s: %.1f s more are needed for a verdict.", window,
            ENOUGH_SECONDS - window);
    else
        snprintf(verdict->sentence, sizeof verdict->sentence, "%llu requests "
            "were seen: %llu more are needed for a verdict.",
            (unsigned long long)facts->ended,
            (unsigned long long)(ENOUGH_REQUESTS - facts->ended));
}

static void say_healthy(const struct facts *facts,
    const struct findings *findings, struct verdict *verdict)
{
    const struct finding *first = findings->count ? findings->list : NULL;
    int used;

    *verdict = (struct verdict){ .category = "none", .id = "N0",
        .title = "No issue" };
    used = snprintf(verdict->sentence, sizeof verdict->sentence,
        "No issue was found in %llu requests at %.0f a second.",
        (unsigned long long)facts->ended, facts_rps(facts));
    if (first && used > 0)
        snprintf(verdict->sentence + used,
            sizeof verdict->sentence - (size_t)used, " %s: %.200s",
            first->severity == SEED_WARNING ? "Mind" : "A hint",
            first->sentence);
}

static void decide(const struct facts *facts, const struct findings *findings,
    struct verdict *verdict)
{
    const struct finding *first = findings->count ? findings->list : NULL;
    bool unknown = first && !strcmp(first->id, "U0");

    if (first && (first->severity == SEED_ISSUE || unknown)) {
        *verdict = (struct verdict){ .category = first->category,
            .id = first->id, .title = first->title,
            .status = first->severity == SEED_ISSUE };
        memcpy(verdict->sentence, first->sentence,
            sizeof verdict->sentence);
    } else if (!enough(facts)) {
        say_more_is_needed(facts, verdict);
    } else {
        say_healthy(facts, findings, verdict);
    }
}

void seed__rules_judge(const struct facts *facts, struct findings *findings,
    struct verdict *verdict)
{
    findings->count = 0;
    for (size_t i = 0; i < sizeof rules / sizeof *rules; i++)
        if (rules[i].early || enough(facts))
            rules[i].rule(facts, findings);
    if (enough(facts))
        judge_unknown(facts, findings);
    seed__findings_rank(findings);
    decide(facts, findings, verdict);
}
