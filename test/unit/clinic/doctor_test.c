/* SPDX-License-Identifier: MIT */
/* not under valgrind: what the doctor says is of times, and there they are
 * valgrind's own. */
#include "unit/failing.h"

#include "unit/clinic/clinical.h"

#include "clinic/doctor.h"

#include <errno.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

static void ask_for(seed_server *server, const char *path, unsigned msec)
{
    uint64_t end = seed_now() + msec * UINT64_C(1000000);

    while (seed_now() < end)
        ask_often(server, path, 1);
}

static void finds_a_leak(void **state)
{
    seed_server *server = clinical(1);
    seed_doctor *doctor = seed_doctor_start(server, NULL), *late;
    struct seed_verdict verdict;
    struct served served;

    (void)state;
    assert_non_null(doctor);
    assert_string_equal(program_invocation_short_name,
        doctor->report.facts.title);
    assert_string_equal("not-enough", seed_doctor_verdict(doctor).category);
    open_clinical(&served, server);
    ask_often(server, "/leak", 50);

    /* Another one, of the time in which nothing is wrong. */
    late = seed_doctor_start(server, &(struct seed_doctor_options){
        .interval = 20, .title = "late", .goal = "errors<=0" });
    assert_non_null(late);
    ask_often(server, "/leak", 100);
    assert_int_equal(0, seed_doctor_stop(doctor));
    assert_int_equal(0, seed_doctor_stop(doctor));
    verdict = seed_doctor_verdict(doctor);
    assert_string_equal("event-loop", verdict.category);
    assert_string_equal("L1", verdict.id);
    assert_int_equal(1, verdict.status);
    assert_string_equal("forget",
        doctor->report.findings.list[0].function);
    assert_string_equal("route: leak",
        doctor->report.findings.list[0].where);
    assert_int_equal(150, doctor->report.facts.ended);

    assert_int_equal(0, seed_doctor_stop(late));
    assert_int_equal(100, late->report.facts.ended);
    assert_string_equal("late", late->report.facts.title);
    assert_int_equal(0, serve_stop(&served));
    seed_doctor_free(late);
    seed_server_free(server);
    assert_string_equal("L1", seed_doctor_verdict(doctor).id);
    seed_doctor_free(doctor);
}

static void is_silent_on_the_healthy(void **state)
{
    seed_server *server = clinical(1);
    seed_doctor *doctor = seed_doctor_start(server, NULL);
    struct served served;

    (void)state;
    open_clinical(&served, server);
    ask_for(server, "/", 2300);
    seed_doctor_stop(doctor);
    for (size_t i = 0; i < doctor->report.findings.count; i++)
        assert_true(doctor->report.findings.list[i].severity < SEED_ISSUE);
    assert_int_equal(0, seed_doctor_status(doctor));
    assert_true(facts_window(&doctor->report.facts) > 2);
    assert_true(doctor->report.facts.step_count > 20);
    assert_int_equal(0, serve_stop(&served));
    seed_doctor_free(doctor);
    seed_server_free(server);
}

/* What the server's end cut off is judged. */
static void outlives_its_server(void **state)
{
    seed_server *server = clinical(2);
    seed_doctor *doctor = seed_doctor_start(server,
        &(struct seed_doctor_options){ .goal = "rps>=100000" });
    struct served served;

    (void)state;
    open_clinical(&served, server);
    ask_often(server, "/leak", 30);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
    assert_int_equal(0, seed_doctor_stop(doctor));
    assert_int_equal(30, doctor->report.facts.ended);
    assert_int_equal(2, doctor->report.facts.workers);
    assert_int_equal(3, seed_doctor_status(doctor));
    seed_doctor_free(doctor);
}

static void may_be_freed_while_it_records(void **state)
{
    seed_server *server = clinical(1);
    struct served served;

    (void)state;
    assert_int_equal(0, seed_doctor_prepare(server));
    open_clinical(&served, server);
    seed_doctor_free(seed_doctor_start(server, NULL));
    ask_often(server, "/", 3);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
    seed_doctor_free(NULL);
    assert_int_equal(SEED_ENOMEM, seed_doctor_stop(NULL));
}

/* The monitor is the parent's: nothing waits for it here. A server that runs
 * is the parent's, too, and not freed. */
static int judge_in_child(seed_doctor *doctor)
{
    alarm(30);
    if (seed_doctor_stop(doctor))
        return 1;
    if (doctor->report.facts.watchers_cpu > UINT64_C(60000000000))
        return 2;
    seed_doctor_free(doctor);
    return 0;
}

static int free_in_child(seed_server *server)
{
    alarm(30);
    seed_server_free(server);
    return 0;
}

static int status_of(pid_t child)
{
    int status = -1;

    assert_int_equal(child, waitpid(child, &status, 0));
    return status;
}

static void is_judged_in_a_child(void **state)
{
    seed_server *server = clinical(1);
    seed_doctor *doctor = seed_doctor_start(server, NULL);
    struct served served;
    pid_t child;

    (void)state;
    open_clinical(&served, server);
    ask_often(server, "/leak", 50);
    child = fork();
    if (!child)
        _exit(judge_in_child(doctor));
    assert_int_equal(0, status_of(child));

    ask_often(server, "/leak", 50);
    assert_int_equal(0, serve_stop(&served));
    child = fork();
    if (!child)
        _exit(free_in_child(server));
    assert_int_equal(0, status_of(child));
    assert_int_equal(0, seed_doctor_stop(doctor));
    assert_int_equal(100, doctor->report.facts.ended);
    seed_doctor_free(doctor);
    seed_server_free(server);
}

static void refuses_before_it_runs(void **state)
{
    seed_server *server = clinical(1);

    (void)state;
    assert_null(seed_doctor_start(server, &(struct seed_doctor_options){
        .goal = "speed>=1" }));
    assert_non_null(strstr(seed_server_error(server), "\"speed>=1\""));
    assert_int_equal(SEED_EINVAL, seed_listen(server, "127.0.0.1", 0));
    seed_server_free(server);

    server = clinical(1);
    assert_null(seed_doctor_start(server, &(struct seed_doctor_options){
        .interval = 1001 }));
    assert_non_null(strstr(seed_server_error(server), "1 to 1000"));
    seed_server_free(server);
    assert_null(seed_doctor_start(NULL, NULL));
}

/* Whichever allocation fails: there is no recording, or a whole one. */
static void bears_no_memory(void **state)
{
    seed_server *server = clinical(1);
    seed_doctor *doctor = NULL;
    long nth = 0;

    (void)state;
    assert_int_equal(0, seed_doctor_prepare(server));
    for (; !doctor; nth++) {
        failing.left = nth;
        errno = 0;
        doctor = seed_doctor_start(server, &(struct seed_doctor_options){
            .no_flame = true, .before = "none.json" });
        failing.left = -1;
        assert_true(doctor || errno == ENOMEM);
        assert_true(nth < 100);
    }
    assert_true(nth >= 4);
    failing.left = 0;
    assert_int_equal(SEED_ENOMEM, seed_doctor_stop(doctor));
    failing.left = -1;
    assert_string_equal("unknown", seed_doctor_verdict(doctor).category);
    seed_doctor_free(doctor);
    seed_server_free(server);
}

static void refuses_while_it_runs(void **state)
{
    seed_server *server = clinical(1);
    struct served served;

    (void)state;
    open_clinical(&served, server);
    errno = 0;
    assert_null(seed_doctor_start(server, NULL));
    assert_int_equal(ESRCH, errno);
    assert_null(seed_doctor_start(server, &(struct seed_doctor_options){
        .goal = "speed>=1" }));
    assert_int_equal(EINVAL, errno);
    assert_int_equal(0, serve_stop(&served));
    seed_server_free(server);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(finds_a_leak),
        cmocka_unit_test(is_silent_on_the_healthy),
        cmocka_unit_test(outlives_its_server),
        cmocka_unit_test(may_be_freed_while_it_records),
        cmocka_unit_test(is_judged_in_a_child),
        cmocka_unit_test(refuses_before_it_runs),
        cmocka_unit_test(refuses_while_it_runs),
        cmocka_unit_test(bears_no_memory),
    };

    if (failing_install())
        return 1;

    return cmocka_run_group_tests(tests, NULL, NULL);
}
