/* SPDX-License-Identifier: MIT */
/* Recordings begin and end here, on any thread; in between the monitor makes
 * its rounds. */
#include "clinic/doctor.h"

#include "clinic/samples.h"

#include <seed/flame.h>
#include <seed/version.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static void on_tick(uint64_t now, void *ctx)
{
    struct seed_doctor *doctor = ctx;
    struct step step;

    seed__round_look(&doctor->round, now, &step);
    seed__steps_add(&doctor->steps, &step);
}

/* --- it begins ------------------------------------------------------------ */

static void link_in(struct seed_doctor *doctor, struct exam *exam)
{
    pthread_mutex_lock(&exam->lock);
    doctor->exam = exam;
    doctor->next = exam->recordings;
    exam->recordings = doctor;
    pthread_mutex_unlock(&exam->lock);
}

static void link_out(struct seed_doctor *doctor)
{
    struct exam *exam = doctor->exam;
    struct seed_doctor **at = &exam->recordings;

    pthread_mutex_lock(&exam->lock);
    while (*at && *at != doctor)
        at = &(*at)->next;
    if (*at)
        *at = doctor->next;
    doctor->exam = NULL;
    pthread_mutex_unlock(&exam->lock);
}

static int keep_options(struct seed_doctor *doctor,
    const struct seed_doctor_options *options)
{
    struct facts *facts = &doctor->report.facts;

    facts->interval = options->interval ? options->interval : 10;
    snprintf(facts->title, sizeof facts->title, "%s",
        options->title ? options->title : program_invocation_short_name);
    if (!options->before)
        return 0;
    doctor->before_path = seed_resize(NULL, strlen(options->before) + 1);
    if (!doctor->before_path)
        return SEED_ENOMEM;
    strcpy(doctor->before_path, options->before);
    return 0;
}

static int begin(struct seed_doctor *doctor, struct exam *exam)
{
    int err = seed__steps_init(&doctor->steps);

    if (err)
        return err;

    seed__monitor_lock();
    seed__round_begin(&doctor->round, exam);
    err = seed__marks_take(&doctor->before, exam);
    seed__monitor_unlock();
    doctor->monitored = (struct monitored){ .tick = on_tick, .ctx = doctor,
        .period = doctor->report.facts.interval };
    link_in(doctor, exam);
    doctor->watcher = seed__monitor_cpu();
    return err ? err : seed__monitor_start(&doctor->monitored);
}

static seed_doctor *make(struct exam *exam,
    const struct seed_doctor_options *options, const struct goals *goals)
{
    struct seed_doctor *doctor = seed_resize(NULL, sizeof *doctor);

    if (!doctor)
        return NULL;

    memset(doctor, 0, sizeof *doctor);
    doctor->report.goals = *goals;
    doctor->report.verdict = (struct verdict){ .category = "not-enough",
        .id = "N1", .title = "Not enough was seen",
        .sentence = "The recording has not ended." };
    doctor->round.vitals.statm = -1;
    if (keep_options(doctor, options) || begin(doctor, exam)) {
        seed_doctor_free(doctor);
        return NULL;
    }
    /* Where there are no samples, there is less to say. */
    if (!options->no_flame)
        doctor->flame = seed_flame_start(&(struct seed_flame_options){
            .title = options->title });
    return doctor;
}

/* A server that is being set up keeps the error; else it is in errno. */
static seed_doctor *refuse(seed_server *server, const char *why, int number)
{
    if (!server || seed_setup_fail(server, SEED_EINVAL, "%s", why)
            == SEED_ESTATE)
        errno = number;
    return NULL;
}

seed_doctor *seed_doctor_start_sized(seed_server *server,
    const struct seed_doctor_options *options, size_t size)
{
    struct seed_doctor_options known = { 0 };
    seed_doctor *doctor;
    struct goals goals;
    char why[240];

    if (options)
        memcpy(&known, options, size < sizeof known ? size : sizeof known);
    if (!seed__goals_parse(&goals, known.goal, why, sizeof why))
        return refuse(server, why, EINVAL);
    if (known.interval > 1000)
        return refuse(server, "The doctor looks at least once a second: say "
            "1 to 1000 milliseconds.", EINVAL);
    if (!server || (!seed__exam_of(server) && seed_doctor_prepare(server))) {
        errno = ESRCH;
        return NULL;
    }

    doctor = make(seed__exam_of(server), &known, &goals);
    if (!doctor)
        errno = ENOMEM;
    return doctor;
}

/* --- it ends -------------------------------------------------------------- */

static void tell_when(struct facts *facts)
{
    time_t now = time(NULL);
    struct tm tm;

    if (gmtime_r(&now, &tm))
        strftime(facts->created, sizeof facts->created, "%Y-%m-%dT%H:%M:%SZ",
            &tm);
    snprintf(facts->version, sizeof facts->version, "%s", seed_version());
    facts->pid = (int)getpid();
}

static void last_look(struct seed_doctor *doctor)
{
    struct step step;

    seed__monitor_lock();
    seed__round_look(&doctor->round, seed_now(), &step);
    seed__steps_add(&doctor->steps, &step);
    doctor->failed = seed__marks_take(&doctor->after, doctor->exam) != 0;
    seed__monitor_unlock();
}

static void gather(struct seed_doctor *doctor)
{
    struct facts *facts = &doctor->report.facts;
    const struct step *last = &doctor->steps.list[doctor->steps.count - 1];

    tell_when(facts);
    facts->steps = doctor->steps.list;
    facts->step_count = doctor->steps.count;
    facts->seconds = last->at;
    facts->workers = doctor->round.workers;
    facts->by_timer = seed_server_embedded(doctor->exam->server);
    facts->fds_limit = seed__vitals_most_fds();
    facts->watchers_cpu = doctor->watcher;
    for (size_t i = 0; i < facts->step_count; i++)
        facts->whole_cpu += facts->steps[i].sums[SUM_PROCESS_CPU];
    seed__facts_of_steps(facts);
    seed__marks_facts(&doctor->before, &doctor->after, facts);
    seed__marks_turns(&doctor->before, &doctor->after, facts);
}

/* Functions get their names here, from files: that takes a while. */
static void gather_samples(struct seed_doctor *doctor)
{
    struct facts *facts = &doctor->report.facts;
    struct seed_flame_counts counts;
    struct tree tree;

    if (!doctor->flame)
        return;
    counts = seed_flame_counts(doctor->flame);
    facts->samples = counts.samples;
    facts->handlers = counts.handlers;
    facts->watchers_cpu += counts.collector;
    if (seed__tree_make(&tree, doctor->flame))
        return;
    seed__samples_read(&tree, facts);
    seed__tree_clear(&tree);
}

static void judge(struct seed_doctor *doctor)
{
    struct report *report = &doctor->report;

    seed__report_judge(report);
    if (!doctor->failed)
        return;
    report->verdict = (struct verdict){ .category = "unknown", .id = "U0",
        .title = "Out of memory",
        .sentence = "There was no memory to judge what was recorded." };
}

static void end(struct seed_doctor *doctor)
{
    uint64_t spent = seed__monitor_cpu();

    /* In the child of a fork() there is no monitor. */
    doctor->watcher = spent > doctor->watcher ? spent - doctor->watcher : 0;
    seed__monitor_stop(&doctor->monitored);
    last_look(doctor);
    if (doctor->flame)
        seed_flame_stop(doctor->flame);
    gather(doctor);
    gather_samples(doctor);
    judge(doctor);
    seed__round_end(&doctor->round);
    seed__marks_clear(&doctor->before);
    seed__marks_clear(&doctor->after);
    link_out(doctor);
}

int seed_doctor_stop(seed_doctor *doctor)
{
    if (!doctor)
        return SEED_ENOMEM;
    if (doctor->exam)
        end(doctor);
    return doctor->failed ? SEED_ENOMEM : 0;
}

void seed__doctors_end(struct exam *exam)
{
    while (exam->recordings)
        end(exam->recordings);
}

void seed_doctor_free(seed_doctor *doctor)
{
    if (!doctor)
        return;

    seed__monitor_stop(&doctor->monitored);
    if (doctor->exam)
        link_out(doctor);
    seed__round_end(&doctor->round);
    seed__steps_clear(&doctor->steps);
    seed__marks_clear(&doctor->before);
    seed__marks_clear(&doctor->after);
    seed_flame_free(doctor->flame);
    seed_release(doctor->before_path);
    seed_release(doctor);
}
