/* SPDX-License-Identifier: MIT */
#ifndef SEED_DIAGNOSE_H
#define SEED_DIAGNOSE_H

#include <seed/types.h>

SEED_BEGIN_C

/* The doctor and the flame graph for any program, by its environment:
 *
 *     SEED_DOCTOR=report.html SEED_ON_PORT='wrk -d10 $SEED_URL/users' ./app
 *
 * | variable      | what                                                    |
 * |---------------|---------------------------------------------------------|
 * | SEED_DOCTOR   | the doctor records, and writes his report here: .html   |
 * |               | (and .json beside it), .json or .txt. A summary goes to |
 * |               | stderr in any case; "-": nothing else                   |
 * | SEED_FLAME    | a flame graph: .html, .json, .folded, .pb.gz (pprof) or |
 * |               | .speedscope.json. The widest way through the stacks and |
 * |               | the hottest functions go to stderr; "-": nothing else   |
 * | SEED_FLAME_HZ | its samples a second, 1 to 1,000 (99)                   |
 * | SEED_ON_PORT  | a command of the shell that loads the server, run when  |
 * |               | it listens, with PORT and SEED_URL in its environment,  |
 * |               | its input empty and its output on stderr                |
 * | SEED_GOAL     | what the doctor must find reached: "rps>=4000,p99<=20ms" |
 * | SEED_BEFORE   | an earlier report or flame graph, .html or .json, that  |
 * |               | the new page of its kind is compared with               |
 *
 * With SEED_ON_PORT the recordings end when the command does; then they are
 * written, the server stops as by seed_stop(), and the process ends by exit():
 *
 * | status | when                                                           |
 * |--------|----------------------------------------------------------------|
 * | 0      | the doctor has found nothing that is wrong, or was not asked   |
 * | 1      | he has found an issue                                          |
 * | 2      | the command failed, was cut short, was stopped as by a         |
 * |        | terminal, or was too little to judge by; a file could not be   |
 * |        | written; seed_run() could not run the server                   |
 * | 3      | SEED_GOAL was missed                                           |
 *
 * A loop that is blocked for good cannot stop: then it ends eight seconds later
 * by _exit(), and 0 becomes 1.
 *
 * Without it they last until the server has stopped, or the process exits, and
 * its exit status is its own. SIGUSR2 writes them at once and begins new ones;
 * these have "-2", "-3" in their names. With SEED_ON_PORT the status is that
 * of the worst one that saw enough to judge by; 2 when none did. A handler of
 * the application's for SIGUSR2 is put aside meanwhile, and back at the end.
 *
 * The command is ended with the server. A process that ends without exit(), as
 * by SIGKILL or a crash, cannot do so, and leaves it running.
 *
 * Only SEED_DOCTOR and SEED_FLAME switch anything on. A program that has more
 * rights than its caller asks nothing. */

/** Does what the environment asks for, before the server runs. seed_run() does
 *  so by itself, unless the options say `no_environment`; a program with a
 *  loop of its own may call it before seed_start(). One server a process: what
 *  comes second does nothing, as does a call with no such variable set. When it
 *  has ended, or is freed without having run, another one may come.
 *
 *  server  borrowed. On the application's own loop, SEED_ON_STOP waits until
 *          the files are written
 *
 *  Returns 0, or the server's setup error: a variable that makes no sense, or
 *  a folder that cannot be written to. Not from a worker's thread. */
SEED_API int seed_diagnose_from_env(seed_server *server);

SEED_END_C

#endif
