/* SPDX-License-Identifier: MIT */
/* What a recording came to, for who asks: the verdict, the findings, and the
 * report as text, JSON or page. */
#include "clinic/doctor.h"
#include "clinic/earlier.h"
#include "clinic/file.h"
#include "clinic/page.h"

#include <string.h>

struct seed_verdict seed_doctor_verdict(const seed_doctor *doctor)
{
    const struct verdict *verdict;

    if (!doctor)
        return (struct seed_verdict){ "unknown", "", "", "", 0 };

    verdict = &doctor->report.verdict;
    return (struct seed_verdict){ verdict->category, verdict->id,
        verdict->title, verdict->sentence, doctor->report.status };
}

int seed_doctor_status(const seed_doctor *doctor)
{
    return doctor ? doctor->report.status : 0;
}

void seed_doctor_each_finding(const seed_doctor *doctor,
    void (*each)(const struct seed_finding *finding, void *ctx), void *ctx)
{
    for (size_t i = 0; doctor && i < doctor->report.findings.count; i++) {
        const struct finding *found = &doctor->report.findings.list[i];

        each(&(struct seed_finding){ found->id, found->category,
            found->severity, found->share, found->title, found->sentence,
            found->fix, found->function, found->file, found->line,
            found->where, found->route, found->share_of }, ctx);
    }
}

struct seed_flame *seed_doctor_flame(const seed_doctor *doctor)
{
    return doctor ? doctor->flame : NULL;
}

/* --- the report ----------------------------------------------------------- */

static char *make_page(const seed_doctor *doctor, size_t *length)
{
    char *json = seed__report_json(&doctor->report, NULL), *page = NULL;
    char *before = NULL;
    int error;

    /* Without one the page compares with nothing. */
    if (doctor->before_path)
        before = seed__earlier_report(doctor->before_path, &error);
    if (json)
        page = seed__page_doctor(json, before, length);
    seed_release(before);
    seed_release(json);
    return page;
}

char *seed_doctor_render(const seed_doctor *doctor,
    enum seed_doctor_format format, size_t *length)
{
    if (!doctor || doctor->exam)
        return NULL;

    switch (format) {
    case SEED_DOCTOR_HTML:
        return make_page(doctor, length);
    case SEED_DOCTOR_JSON:
        return seed__report_json(&doctor->report, length);
    case SEED_DOCTOR_TEXT:
        return seed__report_text(&doctor->report, length);
    }
    return NULL;
}

static enum seed_doctor_format format_of(const char *path)
{
    static const struct {
        const char *ending;
        enum seed_doctor_format format;
    } endings[] = { { ".html", SEED_DOCTOR_HTML },
        { ".htm", SEED_DOCTOR_HTML }, { ".txt", SEED_DOCTOR_TEXT } };
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t size = strlen(endings[i].ending);

        if (length > size && !strcmp(path + length - size, endings[i].ending))
            return endings[i].format;
    }
    return SEED_DOCTOR_JSON;
}

int seed_doctor_write(const seed_doctor *doctor, const char *path)
{
    size_t length;
    char *text;
    int err;

    if (!doctor || !path)
        return SEED_EINVAL;
    text = seed_doctor_render(doctor, format_of(path), &length);
    if (!text)
        return doctor->exam ? SEED_ESTATE : SEED_ENOMEM;

    err = seed__file_write(path, text, length);
    seed_release(text);
    return err;
}
