/* SPDX-License-Identifier: MIT */
#ifndef SEED_FLAME_H
#define SEED_FLAME_H

#include <seed/types.h>

SEED_BEGIN_C

/* Which function has the CPU: a sampling profiler inside of the process, and
 * its flame graph.
 *
 *     seed_flame *flame = seed_flame_start(NULL);
 *     ...
 *     seed_flame_stop(flame);
 *     seed_flame_write(flame, "flame.html");
 *     seed_flame_free(flame);
 *
 * Each thread of the process has a timer of its CPU time while something is
 * recorded, 99 times a second if not told otherwise. When it expires the
 * thread notes the calls that it is in, by the unwind tables (nothing has to
 * be built with frame pointers), and which handler or hook it runs, for which
 * route. A thread that sleeps is not seen: this is about work, not waiting.
 * What the kernel does for a call counts for the function that asked for it.
 *
 * The timers send SIGPROF, or, when that has a user already, a real-time
 * signal that nobody uses; the handler stays for the life of the process
 * (SA_RESTART). Threads that block the signal are not seen; of libseed's own
 * threads those of the log, the monitor and the admin server. A child of
 * fork() records nothing: what was recorded until then can be read there. If
 * its parent had several threads it must not begin anew before exec().
 *
 * Names are looked up when a recording is read, by the debugging information
 * where there is some (`cc -g`), else by the tables of symbols. */

/** A recording. */
typedef struct seed_flame seed_flame;

/** Zero in a field means its default. Strings are copied. */
struct seed_flame_options {
    /** Samples a second of CPU time. 0: 99; at most 1,000. The kernel looks at
     *  CPU timers at its ticks alone, 250 a second on most systems: over that,
     *  a sample stands for several. */
    unsigned hertz;

    /** What the graph is called. NULL: the program's name. */
    const char *title;
};

/** Begins to record all threads of the process. Several recordings at a time
 *  are fine: one sampler, with the highest of their rates, is for all.
 *
 *  options  borrowed for the call; NULL for the defaults
 *
 *  Returns the recording, owned: seed_flame_free(); or NULL with errno:
 *  EINVAL for an option, ENOMEM, EBUSY when each signal has a user, or what
 *  the system says to timers and threads. Any thread. Calls on NULL do
 *  nothing, and return SEED_EINVAL, NULL or zeros. */
#define seed_flame_start(...) \
    seed_flame_start_sized((__VA_ARGS__), sizeof(struct seed_flame_options))
SEED_API seed_flame *seed_flame_start_sized(
    const struct seed_flame_options *options, size_t size);

/** Ends a recording, and keeps it. More than once is fine. Returns 0, or
 *  SEED_EINVAL for NULL. Any thread, one at a time for one recording. */
SEED_API int seed_flame_stop(seed_flame *flame);

/** Frees a recording, which it ends; NULL does nothing. */
SEED_API void seed_flame_free(seed_flame *flame);

/** What a recording can be written as. */
enum seed_flame_format {
    SEED_FLAME_HTML,       /* .html: one page for any browser, offline       */
    SEED_FLAME_JSON,       /* .json: what that page carries                  */
    SEED_FLAME_FOLDED,     /* .folded: "a;b;c 12", microseconds of CPU time  */
    SEED_FLAME_PPROF,      /* .pb.gz: for `go tool pprof` and its kin        */
    SEED_FLAME_SPEEDSCOPE, /* .speedscope.json: for speedscope.app           */
    SEED_FLAME_FORMATS
};

/** Writes what was recorded so far. The recording may still go on. Reads the
 *  files of the program and its libraries: some 100 ms the first time, so not
 *  on a server's loop.
 *
 *  length  out, bytes; NULL is fine
 *
 *  Returns the bytes with a NUL behind them, owned: seed_release(); or NULL
 *  when memory is exhausted. Any thread. */
SEED_API char *seed_flame_render(seed_flame *flame,
    enum seed_flame_format format, size_t *length);

/** Writes it to a file, which is replaced when all went well; a pipe, a device
 *  or a symbolic link is written in place.
 *
 *  path  its ending says the format: .html, .json, .folded, .pb.gz or
 *        .speedscope.json
 *
 *  Returns 0, SEED_EINVAL for another ending, SEED_ENOMEM, or SEED_ESYSTEM with
 *  errno. */
SEED_API int seed_flame_write(seed_flame *flame, const char *path);

/** The format of a path's ending, or SEED_FLAME_FORMATS. */
SEED_API enum seed_flame_format seed_flame_format_of(const char *path);

/** An earlier recording that the page compares this one with, a file of
 *  seed_flame_write(): .html or .json. It is read at once.
 *
 *  Returns 0, SEED_EINVAL for a file that is none, SEED_ENOMEM, or SEED_ESYSTEM
 *  with errno. Before rendering, by one thread. */
SEED_API int seed_flame_before(seed_flame *flame, const char *path);

/** What a recording has so far. */
struct seed_flame_counts {
    uint64_t samples;
    uint64_t nanoseconds;  /* of CPU time, that they stand for               */
    uint64_t dropped;      /* samples for which there was no room            */
    uint64_t truncated;    /* had more than 64 calls: the outermost lack     */
    uint64_t complete;     /* reach the beginning of their thread            */
    uint64_t searched;     /* read from a copy of the stack, since tables to
                            * unwind by are missing: calls that are over may
                            * be among them                                  */
    uint64_t threads;      /* that were seen                                 */

    /** What it cost, in nanoseconds of CPU time: in signal handlers, on the
     *  threads that are recorded, and of the thread that collects. */
    uint64_t handlers, collector;
};

/** Any thread. */
SEED_API struct seed_flame_counts seed_flame_counts(const seed_flame *flame);

SEED_END_C

#endif
