/* SPDX-License-Identifier: MIT */
#include "clinic/orders.h"
#include "clinic/earlier.h"

#include <seed/doctor.h>
#include <seed/error.h>
#include <seed/flame.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Longer ones first: ".speedscope.json" is no ".json". */
static const char *const endings[] = { ".speedscope.json", ".pb.gz", ".html",
    ".json", ".folded", ".txt" };

/* An empty variable is none. */
static const char *variable(const char *name)
{
    const char *value = secure_getenv(name);

    return value && *value ? value : NULL;
}

/* Where the ending begins: at the end when there is none that is known. */
static const char *ending_of(const char *path)
{
    size_t length = strlen(path);

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        size_t size = strlen(endings[i]);

        if (length > size && !strcmp(path + length - size, endings[i]))
            return path + length - size;
    }
    return path + length;
}

char *seed__orders_path(const char *path, unsigned number, char *out,
    size_t room)
{
    const char *ending = ending_of(path);

    if (number < 2)
        snprintf(out, room, "%s", path);
    else
        snprintf(out, room, "%.*s-%u%s", (int)(ending - path), path, number,
            ending);
    return out;
}

char *seed__orders_beside(const char *path, const char *ending, char *out,
    size_t room)
{
    snprintf(out, room, "%.*s%s", (int)(ending_of(path) - path), path, ending);
    return out;
}

/* --- judging -------------------------------------------------------------- */

static int judge_folder(const char *name, const char *path, char *why,
    size_t room)
{
    char folder[ORDER_PATH];
    char *slash;

    if (strlen(path) > ORDER_PATH - 32) {
        snprintf(why, room, "%s is too long for a file's name.", name);
        return SEED_EINVAL;
    }
    strcpy(folder, path);
    slash = strrchr(folder, '/');
    if (slash == folder)
        slash++;
    if (slash)
        *slash = '\0';
    if (access(slash ? folder : ".", W_OK | X_OK)
        || (!access(path, F_OK) && access(path, W_OK))) {
        snprintf(why, room, "%s cannot be written to \"%s\": %s.", name, path,
            strerror(errno));
        return SEED_ESYSTEM;
    }
    return 0;
}

static int judge_doctor(const char *path, char *why, size_t room)
{
    const char *ending = ending_of(path);

    if (!strcmp(path, "-"))
        return 0;
    if (strcmp(ending, ".html") && strcmp(ending, ".json")
        && strcmp(ending, ".txt")) {
        snprintf(why, room, "SEED_DOCTOR is \"%.80s\": say a file that ends "
            "with .html, .json or .txt, or - for the summary alone.", path);
        return SEED_EINVAL;
    }
    return judge_folder("SEED_DOCTOR", path, why, room);
}

static int judge_flame(const char *path, char *why, size_t room)
{
    if (!strcmp(path, "-"))
        return 0;
    if (seed_flame_format_of(path) == SEED_FLAME_FORMATS) {
        snprintf(why, room, "SEED_FLAME is \"%.80s\": say a file that ends "
            "with .html, .json, .folded, .pb.gz or .speedscope.json, or - for "
            "the terminal.", path);
        return SEED_EINVAL;
    }
    return judge_folder("SEED_FLAME", path, why, room);
}

static int judge_goal(const struct orders *orders, char *why, size_t room)
{
    char reason[200];

    if (!orders->doctor) {
        snprintf(why, room, "SEED_GOAL is for the doctor: set SEED_DOCTOR, "
            "too; - is enough.");
        return SEED_EINVAL;
    }
    if (seed_doctor_check_goal(orders->goal, reason, sizeof reason))
        return 0;
    snprintf(why, room, "SEED_GOAL: %s", reason);
    return SEED_EINVAL;
}

/* Before the load: who has waited for it wants his comparison. */
static int judge_before(const struct orders *orders, char *why, size_t room)
{
    bool doctor = orders->doctor, flame = orders->flame;
    int err = seed__earlier_judge(orders->before, doctor, flame);
    const char *want = doctor && flame
        ? "neither a report of the doctor's nor a flame graph"
        : doctor ? "no report of the doctor's" : "no flame graph";

    if (err == SEED_EINVAL)
        snprintf(why, room, "SEED_BEFORE is \"%.200s\", which is %s: say the "
            ".html or .json of an earlier one.", orders->before, want);
    else if (err)
        snprintf(why, room, "SEED_BEFORE is \"%.200s\", which cannot be read: "
            "%s.", orders->before, err == SEED_ESYSTEM ? strerror(errno)
            : seed_strerror(err));
    return err;
}

static int read_hertz(unsigned *out, char *why, size_t room)
{
    const char *text = variable("SEED_FLAME_HZ");
    size_t length = text ? strlen(text) : 0;

    if (!text)
        return 0;
    if (length < 5 && strspn(text, "0123456789") == length)
        *out = (unsigned)atoi(text);
    if (*out && *out <= 1000)
        return 0;
    snprintf(why, room, "SEED_FLAME_HZ is \"%.40s\": say a number from 1 to "
        "1000.", text);
    return SEED_EINVAL;
}

bool seed__orders_any(const struct orders *orders)
{
    return orders->doctor || orders->flame;
}

int seed__orders_read(struct orders *orders, char *why, size_t room)
{
    int err = 0;

    *orders = (struct orders){ .doctor = variable("SEED_DOCTOR"),
        .flame = variable("SEED_FLAME"), .load = variable("SEED_ON_PORT"),
        .goal = variable("SEED_GOAL"), .before = variable("SEED_BEFORE") };
    if (orders->doctor)
        err = judge_doctor(orders->doctor, why, room);
    if (!err && orders->flame)
        err = judge_flame(orders->flame, why, room);
    if (!err && orders->goal && seed__orders_any(orders))
        err = judge_goal(orders, why, room);
    if (!err && orders->before && seed__orders_any(orders))
        err = judge_before(orders, why, room);
    if (!err && orders->flame)
        err = read_hertz(&orders->hertz, why, room);
    return err;
}
