/* SPDX-License-Identifier: MIT */
/* The servers of the article "Keeping Node.js Fast", slow, fast and between.
 *
 *     make examples/seed-server
 *     build/examples/seed-server --mode slow
 *     curl -i localhost:3000/seed/v1
 *
 * This file reads the flags and starts the server; the modes are files of
 * their own. `make demo` tells the whole story.
 */
#include "shared.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct mode {
    const char *name;
    void (*set_up)(seed_server *server);
    bool as_restify; /* as the article's servers: what restify does */
} modes[] = {
    {"slow", set_up_slow, true},
    {"noop", set_up_noop, true},
    {"fixed", set_up_fixed, true},
    {"fast", set_up_fast, true},
    {"better", set_up_better, false},
};

struct flags {
    const struct mode *mode;
    const char *host, *admin, *log, *cert, *key;
    long port, workers, minute;
    bool no_mute, selfsigned, balanced;
};

static const char help[] =
    "seed-server --mode slow|noop|fixed|fast|better [flags]\n"
    "\n"
    "Serves /seed/v1, the resource of the article \"Keeping Node.js Fast\".\n"
    "\n"
    "  --mode slow    one more after hook for every request\n"
    "  --mode noop    slow with an empty hook: what their number costs\n"
    "  --mode fixed   slow with its guard mended\n"
    "  --mode fast    fixed without hashes, its JSON written as text\n"
    "  --mode better  without the other faults of the article's server\n"
    "  --port N       0 to 65535; 0 takes a free one (3000)\n"
    "  --host HOST    an address, * for all, or localhost for both\n"
    "                 loopbacks (localhost)\n"
    "  --workers N    event loops, each with a thread, 1 to 256 (1)\n"
    "  --no-mute      leave the limit of hooks alone\n"
    "  --minute MS    how long the resource stays the same (60000)\n"
    "  --admin WHERE  health, metrics, routes, the ledger: 9000 on localhost,\n"
    "                 unix:/path, or any address with a SEED_ADMIN_TOKEN in\n"
    "                 the environment\n"
    "  --tls CERT KEY HTTPS by these PEM files, read again on SIGHUP\n"
    "  --tls-selfsigned  HTTPS by a certificate made now, which no client\n"
    "                 trusts: curl -k\n"
    "  --balanced     for use behind a load balancer: /healthz, /readyz, and\n"
    "                 503 for what would wait too long\n"
    "  --log FILE     a line for each request; - for standard output\n"
    "  --help         this text\n";

/* A wrong flag: one sentence, exit 2. */
static _Noreturn void refuse(const char *sentence, ...)
{
    va_list list;

    va_start(list, sentence);
    fputs("seed-server: ", stderr);
    vfprintf(stderr, sentence, list);
    fputs("; see --help\n", stderr);
    va_end(list);
    exit(2);
}

static const struct mode *find_mode(const char *name)
{
    for (size_t i = 0; i < sizeof modes / sizeof *modes; i++)
        if (strcmp(modes[i].name, name) == 0)
            return &modes[i];

    refuse("there is no mode \"%s\"", name);
}

static long number(const char *flag, const char *text, long least, long most)
{
    char *end;
    long value;

    errno = 0;
    value = strtol(text, &end, 10);
    if (errno || end == text || *end || value < least || value > most)
        refuse("--%s is a number from %ld to %ld, not \"%s\"", flag, least,
            most, text);
    return value;
}

static const struct known {
    const char *name;
    char letter;
    bool has_value;
} known[] = {
    {"--mode", 'm', true},     {"--port", 'p', true},
    {"--host", 'h', true},     {"--workers", 'w', true},
    {"--minute", 's', true},   {"--no-mute", 'n', false},
    {"--admin", 'a', true},    {"--log", 'l', true},
    {"--tls", 'c', true},      {"--tls-selfsigned", 't', false},
    {"--balanced", 'b', false}, {"--help", '?', false},
};

/* Finds "--flag" or the flag of "--flag=value". */
static const struct known *find_flag(const char *word)
{
    size_t length = strcspn(word, "=");

    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strlen(known[i].name) == length
            && memcmp(known[i].name, word, length) == 0)
            return &known[i];

    if (*word == '-')
        refuse("there is no flag %s", word);
    refuse("\"%s\" is not a flag", word);
}

static void set_flag(struct flags *flags, char letter, const char *value)
{
    switch (letter) {
    case 'm':
        flags->mode = find_mode(value);
        break;
    case 'p':
        flags->port = number("port", value, 0, 65535);
        break;
    case 'h':
        flags->host = value;
        break;
    case 'w':
        flags->workers = number("workers", value, 1, 256);
        break;
    case 's':
        flags->minute = number("minute", value, 1, 86400000);
        break;
    case 'a':
        flags->admin = value;
        break;
    case 'l':
        flags->log = value;
        break;
    case 'c':
        flags->cert = value;
        break;
    case 't':
        flags->selfsigned = true;
        break;
    case 'b':
        flags->balanced = true;
        break;
    case 'n':
        flags->no_mute = true;
        break;
    case '?':
        fputs(help, stdout);
        exit(0);
    }
}

/* What "--flag=value" or "--flag value" says; of a flag without one, "". */
static const char *read_value(const struct known *flag, const char *word,
    char ***words)
{
    const char *value = strchr(word, '=');

    if (value && !flag->has_value)
        refuse("%s takes no value", flag->name);
    if (!flag->has_value)
        return "";
    value = value ? value + 1 : *(*words)++;
    if (!value)
        refuse("%s needs a value", flag->name);
    return value;
}

static struct flags read_flags(char **words)
{
    struct flags flags = {
        .host = "localhost", .port = 3000, .workers = 1, .minute = 60000};

    while (*words) {
        const char *word = *words++;
        const struct known *flag = find_flag(word);
        const char *value = read_value(flag, word, &words);

        if (flag->letter == 'c' && !(flags.key = *words++))
            refuse("--tls needs two values, certificate and key");
        set_flag(&flags, flag->letter, value);
    }
    if (flags.cert && flags.selfsigned)
        refuse("--tls and --tls-selfsigned exclude each other");
    if (!flags.mode)
        refuse("say with --mode which server you want");
    return flags;
}

static seed_server *make_server(const struct flags *flags)
{
    struct seed_options options = {
        .workers = (unsigned)flags->workers,
        .name = flags->mode->as_restify ? "restify" : NULL,
        .no_implied_head = flags->mode->as_restify,
        .no_automatic_options = flags->mode->as_restify,
    };
    seed_server *server = seed_server_new(&options);

    /* As the article does: node then tells nobody of a leak any more. */
    if (flags->mode->as_restify && !flags->no_mute)
        seed_set_max_hooks(server, SEED_UNLIMITED);

    if (flags->balanced)
        set_up_balanced(server);
    flags->mode->set_up(server);
    if (flags->cert)
        reload_on_hangup(server);
    seed_announce(server);
    seed_watch(server, &(struct seed_watch){
        .log = flags->log,
        .admin = flags->admin,
        .token = getenv("SEED_ADMIN_TOKEN"),
    });
    return server;
}

static bool speaks_tls(const struct flags *flags)
{
    return flags->cert || flags->selfsigned;
}

static int start_listening(seed_server *server, const struct flags *flags)
{
    int port = (int)flags->port;

    if (flags->cert)
        return listen_by_files(server, flags->host, port, flags->cert,
            flags->key);
    if (flags->selfsigned)
        return listen_selfsigned(server, flags->host, port);
    return seed_listen(server, flags->host, port);
}

/* Says where it serves, once all of it can be asked. */
static void listen_and_tell(seed_server *server, const struct flags *flags)
{
    seed_admin *admin = seed_server_admin(server);

    /* Sockets that systemd has, or somebody who acts like it; those are for
     * plain HTTP. */
    if (admin)
        seed_listen_activated(seed_admin_server(admin), "admin");
    if (speaks_tls(flags) || !seed_listen_activated(server, NULL))
        start_listening(server, flags);
    if (seed_server_error(server))
        return;
    if (admin)
        seed_admin_listen(admin);
    printf("%s serves /seed/v1 on %s\n", flags->mode->name,
        seed_server_url(server));
    if (admin)
        printf("admin on %s\n", seed_admin_url(admin));
    fflush(stdout);
}

int main(int argc, char **argv)
{
    struct flags flags = read_flags(argv + (argc > 0));
    seed_server *server = make_server(&flags);
    int error;

    if (!grow_seed(flags.minute)) {
        perror("seed-server: getrandom");
        return 1;
    }
    listen_and_tell(server, &flags);
    error = seed_run(server);
    if (error)
        fprintf(stderr, "seed-server: %s\n", seed_server_error(server));

    seed_server_free(server);
    return error ? 1 : 0;
}
