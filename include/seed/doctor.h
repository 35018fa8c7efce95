/* SPDX-License-Identifier: MIT */
#ifndef SEED_DOCTOR_H
#define SEED_DOCTOR_H

#include <seed/types.h>

SEED_BEGIN_C

struct seed_flame;

/* Says what is wrong with a server: records it for a while under load, judges
 * what it has seen by rules, and names the function, its line, and what to do.
 *
 *     seed_doctor *doctor = seed_doctor_start(server, NULL);
 *     ...                                        (the server is under load)
 *     seed_doctor_stop(doctor);
 *     seed_doctor_write(doctor, "report.html");
 *     return seed_doctor_status(doctor);
 *
 * Every figure is the difference between two readings of counters, so that a
 * recording may begin and end while the server runs, and several at once.
 * The child of a fork() looks at nothing any more: what was seen until then can
 * be judged and freed there, and the parent goes on. A server that runs is the
 * parent's, and must not be freed in the child.
 * docs/guide/doctor.md tells what each finding means. */

/** One recording of one server, and what it was found to be. */
typedef struct seed_doctor seed_doctor;

/** Zero in a field means its default. Strings are copied. */
struct seed_doctor_options {
    /** Milliseconds between two looks; twice as many where looking would take
     *  more than a part in 400 of the process. 0: 10; at most 1,000. */
    unsigned interval;

    /** What must be reached, "rps>=4000,p99<=20ms": see
     *  seed_doctor_check_goal(). NULL: nothing. */
    const char *goal;

    const char *title;  /* of the report; NULL: the program's name          */

    /** An earlier report of the doctor's, .html or .json, that the page
     *  compares with. Read when the page is made. NULL: none. */
    const char *before;

    /** Take no samples of the stack while recording: findings then know no
     *  functions but handlers and hooks. */
    bool no_flame;
};

/** Makes a server ready to be recorded while it runs: it brings a ledger, and
 *  a quiet watch for stalls, unless seed_watch() has started these. Before the
 *  server runs; more than once is fine. Returns 0 or the server's error. */
SEED_API int seed_doctor_prepare(seed_server *server);

/** Begins a recording. Before the server runs it prepares by itself; later the
 *  server must have been prepared. Any thread but a worker's.
 *
 *  server   borrowed
 *  options  borrowed for the call; NULL for the defaults
 *
 *  Returns it, owned: seed_doctor_free(); or NULL: before the server runs the
 *  server keeps the error, later errno is EINVAL for a goal or an interval
 *  that is none, ESRCH when it was not prepared, or ENOMEM. Calls on NULL do
 *  nothing. */
#define seed_doctor_start(server, ...) \
    seed_doctor_start_sized((server), (__VA_ARGS__), \
        sizeof(struct seed_doctor_options))
SEED_API seed_doctor *seed_doctor_start_sized(seed_server *server,
    const struct seed_doctor_options *options, size_t size);

/** Ends a recording and judges it. Any thread but a worker's; a second time
 *  does nothing. A server that is freed ends its recordings, which may be
 *  judged by this call then. Returns 0, or SEED_ENOMEM: then the verdict is
 *  "unknown". */
SEED_API int seed_doctor_stop(seed_doctor *doctor);

/** Frees a recording, before or after its server. */
SEED_API void seed_doctor_free(seed_doctor *doctor);

/** Reads a goal: conditions with commas between them, each a metric, one of
 *  >= <= > <, and a number with its unit if it likes:
 *
 *  | metric           | of the time in which there was load               |
 *  |------------------|---------------------------------------------------|
 *  | rps              | requests that ended, a second                     |
 *  | p50 p90 p99 max  | how long requests took inside of the server; ms   |
 *  |                  | unless us or s stands behind the number           |
 *  | delay            | the longest turn of a loop; ms                    |
 *  | errors           | answers with a status of 500 and more             |
 *  | cpu              | of the process, percent of one processor          |
 *  | rss              | most memory in RAM; MB unless KB or GB is said    |
 *
 *  When no request has ended, what is asked of their times and of errors is
 *  missed.
 *
 *  why  receives a sentence about what is wrong; or NULL
 *
 *  Returns whether it can be a goal. */
SEED_API bool seed_doctor_check_goal(const char *goal, char *why,
    size_t room);

/** How much a finding matters. */
enum seed_severity {
    SEED_NOTE,    /* good to know: nothing is wrong                          */
    SEED_WARNING, /* it may become an issue                                  */
    SEED_ISSUE    /* it is wrong, and ought to be mended                     */
};

/** What the doctor thinks. Borrowed from the recording; never NULL. */
struct seed_verdict {
    const char *category; /* "event-loop", "memory", "io", "handles",
                           * "overload", "none", "unknown", "not-enough"     */
    const char *id;       /* of the finding that leads: "L1", "N0"           */
    const char *title, *sentence;
    int status;           /* as seed_doctor_status()                         */
};

/** Tells the verdict; "not-enough" before seed_doctor_stop(). */
SEED_API struct seed_verdict seed_doctor_verdict(const seed_doctor *doctor);

/** One thing that was found. Borrowed for the call; strings are never NULL. */
struct seed_finding {
    const char *id, *category;
    enum seed_severity severity;
    double share;          /* of `share_of`, 0 to 1; 0: not known            */
    const char *title, *sentence, *fix;
    const char *function, *file; /* the culprit, or ""                       */
    int line;              /* 0: not known                                   */
    const char *where;     /* what runs it: "use: etagger"                   */
    const char *route;     /* "GET /seed/v1"                                 */
    const char *share_of;  /* "the loop's time", "the requests"; "": no share */
};

/** Calls `each` for what was found, the worst first: by severity, then by how
 *  much of the time in which the loops were busy it explains. */
SEED_API void seed_doctor_each_finding(const seed_doctor *doctor,
    void (*each)(const struct seed_finding *finding, void *ctx), void *ctx);

/** An exit status: 0 healthy, 1 an issue was found, 3 a goal was missed. When
 *  there was not enough to judge by it is 0, too, unless a goal was missed:
 *  who must tell that from health asks seed_doctor_verdict(). */
SEED_API int seed_doctor_status(const seed_doctor *doctor);

/** As what a report can be had. */
enum seed_doctor_format {
    SEED_DOCTOR_HTML, /* a page that needs nothing else                      */
    SEED_DOCTOR_JSON,
    SEED_DOCTOR_TEXT  /* a dozen lines of 80 columns                         */
};

/** Makes the report of a recording that was stopped. Returns it with a NUL
 *  behind its last byte, owned: seed_release(); or NULL without memory.
 *
 *  length  receives its length; or NULL */
SEED_API char *seed_doctor_render(const seed_doctor *doctor,
    enum seed_doctor_format format, size_t *length);

/** Writes the report into a file: a page when the name ends with .html, text
 *  with .txt, else JSON. The file is replaced when all went well; a pipe, a
 *  device or a symbolic link is written in place. Returns 0, SEED_ENOMEM, or
 *  SEED_ESYSTEM and errno tells. */
SEED_API int seed_doctor_write(const seed_doctor *doctor, const char *path);

/** The samples that were taken meanwhile, for a flame graph of the same time:
 *  borrowed from the recording; or NULL. */
SEED_API struct seed_flame *seed_doctor_flame(const seed_doctor *doctor);

SEED_END_C

#endif
