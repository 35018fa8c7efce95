/* SPDX-License-Identifier: MIT */
#include "clinic/report.h"
#include "clinic/plain.h"

#include <string.h>

/* A missed goal is what the user has asked for, and weighs most. */
void seed__report_judge(struct report *report)
{
    locale_t before = seed__plain_begin();
    bool met;

    seed__rules_judge(&report->facts, &report->findings, &report->verdict);
    met = seed__goals_judge(&report->goals, &report->facts);
    seed__plain_end(before);
    report->status = met ? report->verdict.status : 3;
}

const char *seed__severity_name(enum seed_severity severity)
{
    static const char *const names[] = { "note", "warning", "issue" };

    return names[severity];
}

const char *seed__report_find(const char *text, size_t *length)
{
    static const char element[] = "id=\"seed-doctor\"";
    static const char kind[] = "\"kind\":\"seed-doctor\"";
    const char *at = text + strspn(text, " \t\r\n"), *end;

    if (*at == '{') {
        end = at + strlen(at);
    } else {
        at = strstr(text, element);
        at = at ? strchr(at, '>') : NULL;
        end = at ? strstr(++at, "</script>") : NULL;
    }
    if (!at || !end)
        return NULL;
    at += strspn(at, " \t\r\n");
    while (end > at && strchr(" \t\r\n", end[-1]))
        end--;
    *length = (size_t)(end - at);
    return memmem(at, *length, kind, sizeof kind - 1) ? at : NULL;
}
