/* SPDX-License-Identifier: MIT */
#include "clinic/load.h"

#include <seed/server.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Those that the command is not to inherit, and those that it is given. */
static const char *const ours[] = { "SEED_DOCTOR=", "SEED_FLAME=",
    "SEED_ON_PORT=", "SEED_GOAL=", "SEED_BEFORE=", "PORT=", "SEED_URL=" };

static bool is_ours(const char *variable)
{
    for (size_t i = 0; i < sizeof ours / sizeof *ours; i++)
        if (!strncmp(variable, ours[i], strlen(ours[i])))
            return true;
    return false;
}

/* The environment for it: owned, its strings borrowed; NULL without memory. */
static char **make_environment(char *port, char *url)
{
    size_t count = 0, kept = 0;
    char **made;

    while (environ[count])
        count++;
    made = seed_resize(NULL, (count + 3) * sizeof *made);
    if (!made)
        return NULL;
    for (size_t i = 0; i < count; i++)
        if (!is_ours(environ[i]))
            made[kept++] = environ[i];
    if (*port)
        made[kept++] = port;
    made[kept++] = url;
    made[kept] = NULL;
    return made;
}

/* The monitor's thread keeps all signals out; the command begins afresh. In a
 * group of its own it has no terminal to read: the kernel would stop it. */
static int spawn(struct load *load, const char *command, char **environment)
{
    char *const words[] = { (char *)"sh", (char *)"-c", (char *)command,
        NULL };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t how;
    sigset_t none, usual;
    int err;

    sigemptyset(&none);
    sigemptyset(&usual);
    sigaddset(&usual, SIGPIPE);
    sigaddset(&usual, SIGINT);
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
        O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO, STDOUT_FILENO);
    posix_spawnattr_init(&how);
    posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK
            | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigmask(&how, &none);
    posix_spawnattr_setsigdefault(&how, &usual);
    posix_spawnattr_setpgroup(&how, 0);
    err = posix_spawn(&load->pid, "/bin/sh", &actions, &how, words,
        environment);
    posix_spawnattr_destroy(&how);
    posix_spawn_file_actions_destroy(&actions);
    if (err)
        load->pid = 0;
    return err;
}

int seed__load_start(struct load *load, const char *command, int port,
    const char *url)
{
    char port_text[32] = "", url_text[256];
    char **environment;
    int err;

    if (port)
        snprintf(port_text, sizeof port_text, "PORT=%d", port);
    snprintf(url_text, sizeof url_text, "SEED_URL=%s", url);
    environment = make_environment(port_text, url_text);
    if (!environment)
        return ENOMEM;

    err = spawn(load, command, environment);
    seed_release(environment);
    return err;
}

/* Whether there is news of it: it has ended, or, asked for by `flags`, it was
 * stopped, and its pid stays. */
static bool reap(struct load *load, int flags)
{
    int status = 0;
    pid_t found = waitpid(load->pid, &status, WNOHANG | flags);

    if (!found || (found < 0 && errno == EINTR))
        return false;
    if (found > 0 && WIFSTOPPED(status)) {
        load->stopped = WSTOPSIG(status);
        return true;
    }
    load->pid = 0;
    /* The application takes all children's ends, and has taken this one. */
    if (found < 0)
        load->status = -1;
    else if (WIFSIGNALED(status))
        load->status = 128 + WTERMSIG(status);
    else
        load->status = WEXITSTATUS(status);
    return true;
}

bool seed__load_ended(struct load *load)
{
    if (!reap(load, WUNTRACED))
        return false;
    /* Nobody would go on with it, and the run would wait for ever. */
    seed__load_end(load);
    return true;
}

void seed__load_end(struct load *load)
{
    static const struct timespec moment = { 0, 10000000 };

    if (!load->pid)
        return;
    kill(-load->pid, SIGTERM);
    kill(-load->pid, SIGCONT); /* what is stopped hears of no end */
    for (int tries = 0; tries < 100; tries++) {
        if (reap(load, 0))
            return;
        nanosleep(&moment, NULL);
    }
    kill(-load->pid, SIGKILL);
    while (!reap(load, 0))
        nanosleep(&moment, NULL);
}
