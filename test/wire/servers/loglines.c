/* SPDX-License-Identifier: MIT */
/* Logs JSON objects, one a line on stdin, to stdout: what pino.js does with
 * pino itself. Each object's members become fields by their type.
 *
 *     loglines [--name NAME] [--child JSON] [--redact PATH]... [--censor TEXT]
 *         [--remove] [--level N]
 */
#include <getopt.h>
#include <jansson.h>
#include <seed.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS_MOST = 64 };

/* What lives as long as the fields that point to it. */
struct line {
    seed_log_field fields[FIELDS_MOST + 1];
    char *texts[FIELDS_MOST];
    size_t count;
};

static seed_log_field field_of(struct line *line, const char *key,
    json_t *value)
{
    char *text;

    switch (json_typeof(value)) {
    case JSON_STRING:
        return seed_text(key, json_string_value(value),
            json_string_length(value));
    case JSON_INTEGER:
        return seed_int(key, json_integer_value(value));
    case JSON_REAL:
        return seed_num(key, json_real_value(value));
    case JSON_TRUE:
    case JSON_FALSE:
        return seed_bool(key, json_is_true(value));
    case JSON_NULL:
        return seed_null(key);
    default:
        text = line->texts[line->count]
            = json_dumps(value, JSON_COMPACT | JSON_REAL_PRECISION(17));
        return seed_raw(key, text, strlen(text));
    }
}

static void take_members(struct line *line, json_t *object)
{
    const char *key;
    json_t *value;

    memset(line, 0, sizeof *line);
    json_object_foreach(object, key, value) {
        if (line->count < FIELDS_MOST) {
            line->fields[line->count] = field_of(line, key, value);
            line->count++;
        }
    }
    line->fields[line->count] = seed_no_more();
}

static void free_members(struct line *line)
{
    for (size_t i = 0; i < line->count; i++)
        free(line->texts[i]);
}

static json_t *parse(const char *text)
{
    json_t *object = json_loads(text, JSON_ALLOW_NUL, NULL);

    if (!json_is_object(object)) {
        fprintf(stderr, "this is no object: %s\n", text);
        exit(2);
    }
    return object;
}

static seed_log *make_child(seed_log *log, const char *text)
{
    json_t *object = parse(text);
    struct line line;
    seed_log *child;

    take_members(&line, object);
    child = seed_log_child_with(log, line.fields);
    free_members(&line);
    json_decref(object);
    return child;
}

/* "msg" is the message; the level goes round. */
static void log_object(seed_log *log, const char *text, int number)
{
    json_t *object = parse(text);
    json_t *message = json_incref(json_object_get(object, "msg"));
    struct line line;

    json_object_del(object, "msg");
    take_members(&line, object);
    seed_log_write(log, 10 * (number % 6 + 1), json_string_value(message),
        line.fields);
    free_members(&line);
    json_decref(message);
    json_decref(object);
}

int main(int argc, char **argv)
{
    static const struct option known[] = {
        {"name", required_argument, NULL, 'n'},
        {"child", required_argument, NULL, 'c'},
        {"redact", required_argument, NULL, 'r'},
        {"censor", required_argument, NULL, 'w'},
        {"remove", no_argument, NULL, 'd'},
        {NULL, 0, NULL, 0},
    };
    static const char *paths[65];
    static char text[1 << 20];
    struct seed_log_options options = {.level = 10, .redact = paths,
        .buffers = 250};
    const char *child = NULL;
    seed_log *log, *own = NULL;
    int flag, number = 0, count = 0;

    while ((flag = getopt_long(argc, argv, "", known, NULL)) != -1) {
        if (flag == 'n')
            options.name = optarg;
        else if (flag == 'c')
            child = optarg;
        else if (flag == 'r' && count < 64)
            paths[count++] = optarg;
        else if (flag == 'w')
            options.censor = optarg;
        else if (flag == 'd')
            options.remove = true;
        else
            return 2;
    }

    log = seed_log_new(&options);
    if (!log) {
        perror("seed_log_new");
        return 1;
    }
    if (child)
        own = make_child(log, child);
    while (fgets(text, sizeof text, stdin))
        log_object(own ? own : log, text, number++);
    seed_log_free(own);
    seed_log_free(log);
    return 0;
}
