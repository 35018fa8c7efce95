/* SPDX-License-Identifier: MIT */
/* What is said goes to stderr, and not by seed_warn(): these are not the
 * server's own words, and who asked for them sits at the terminal. */
#include "clinic/diagnose.h"
#include "clinic/flame_bars.h"

#include <seed/error.h>
#include <seed/server.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>

static bool is_terminal(const char *path)
{
    return !strcmp(path, "-");
}

int seed__recordings_begin(struct recordings *recordings)
{
    const struct orders *orders = recordings->orders;

    recordings->number++;
    if (orders->doctor)
        recordings->doctor = seed_doctor_start(recordings->server,
            &(struct seed_doctor_options){ .goal = orders->goal,
                .before = orders->before });
    if (orders->doctor && !recordings->doctor)
        return SEED_ESYSTEM;
    if (orders->flame)
        recordings->flame = seed_flame_start(
            &(struct seed_flame_options){ .hertz = orders->hertz });
    if (orders->flame && !recordings->flame)
        return seed_setup_fail(recordings->server, SEED_ESYSTEM, "SEED_FLAME: "
            "the sampler cannot be started: %s.", strerror(errno));
    return 0;
}

/* --- writing -------------------------------------------------------------- */

static void note(struct recordings *recordings, int status)
{
    static const int order[] = { 0, 1, 3, 2 }; /* from good to bad */
    int now = 0, then = 0;

    for (int i = 0; i < 4; i++) {
        now = order[i] == recordings->status ? i : now;
        then = order[i] == status ? i : then;
    }
    if (then > now)
        recordings->status = status;
}

static void tell(struct recordings *recordings, const char *what,
    const char *path, int err)
{
    if (!err) {
        fprintf(stderr, "%s: %s\n", what, path);
        return;
    }
    fprintf(stderr, "%s could not be written to %s: %s.\n", what, path,
        err == SEED_ESYSTEM ? strerror(errno) : seed_strerror(err));
    note(recordings, 2);
}

static void print_text(struct recordings *recordings, char *text)
{
    if (text)
        fputs(text, stderr);
    else
        note(recordings, 2);
    seed_release(text);
}

/* A part that a signal has cut may be too short to judge by: under a load that
 * is to be judged as a whole, such a part says nothing. */
static void note_doctor(struct recordings *recordings)
{
    const seed_doctor *doctor = recordings->doctor;
    bool enough = strcmp(seed_doctor_verdict(doctor).category, "not-enough")
        != 0;

    recordings->enough |= enough;
    if (enough || !recordings->orders->load)
        note(recordings, seed_doctor_status(doctor));
}

static void write_doctor(struct recordings *recordings)
{
    const char *order = recordings->orders->doctor;
    seed_doctor *doctor = recordings->doctor;
    char path[ORDER_PATH + 16], beside[ORDER_PATH + 32];

    print_text(recordings, seed_doctor_render(doctor, SEED_DOCTOR_TEXT, NULL));
    note_doctor(recordings);
    if (is_terminal(order))
        return;

    seed__orders_path(order, recordings->number, path, sizeof path);
    tell(recordings, "Report", path, seed_doctor_write(doctor, path));
    seed__orders_beside(path, ".json", beside, sizeof beside);
    if (strstr(path, ".html"))
        tell(recordings, "Its figures", beside,
            seed_doctor_write(doctor, beside));
}

static void write_flame(struct recordings *recordings)
{
    const char *order = recordings->orders->flame;
    const char *before = recordings->orders->before;
    char path[ORDER_PATH + 16];

    print_text(recordings, seed__flame_bars(recordings->flame));
    if (is_terminal(order))
        return;
    /* One SEED_BEFORE for both: what is no flame graph is the doctor's. */
    if (before && seed_flame_before(recordings->flame, before)
        && !recordings->doctor)
        fprintf(stderr, "SEED_BEFORE: %s is no flame graph.\n", before);
    seed__orders_path(order, recordings->number, path, sizeof path);
    tell(recordings, "Flame graph", path,
        seed_flame_write(recordings->flame, path));
}

void seed__recordings_write(struct recordings *recordings)
{
    /* Both end before the first is written: writing is work, too. */
    seed_flame_stop(recordings->flame);
    if (recordings->doctor && seed_doctor_stop(recordings->doctor))
        note(recordings, 2);
    if (recordings->doctor)
        write_doctor(recordings);
    if (recordings->flame)
        write_flame(recordings);
    fflush(stderr);
    seed_doctor_free(recordings->doctor);
    seed_flame_free(recordings->flame);
    recordings->doctor = NULL;
    recordings->flame = NULL;
}

void seed__recordings_end(struct recordings *recordings)
{
    const struct orders *orders = recordings->orders;

    seed__recordings_write(recordings);
    if (!orders->load || !orders->doctor || recordings->enough)
        return;
    fputs("SEED_ON_PORT: the command was too little of a load to judge by.\n",
        stderr);
    note(recordings, 2);
}
