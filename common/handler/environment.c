#include "handler/environment.h"

#include "base/timestamp.h"
#include "nats/header_iterator.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

enum { JOB_BYTES = ENVIRONMENT_KIB * 1024, JOB_VARIABLES = ENVIRONMENT_VARIABLES };

struct environment {
    size_t n_inherited; /* our own variables, first in `variables` */
    size_t n_plain;     /* ours and those of the job that are not headers, next in `variables` */
    size_t n;
    size_t used;
    char *text; /* JOB_BYTES: the variables of the job */
    char omitted[1500];
    size_t n_unlisted; /* omitted variables that have no room in `omitted` */
    char *variables[];
};

static bool is_named(const char *variable, const char *name)
{
    size_t length = strlen(name);
    return strncmp(variable, name, length) == 0 && variable[length] == '=';
}

static bool is_withheld(const char *variable)
{
    static const char *const secrets[] = {
        "NATS_PASSWORD", "NATS_TOKEN", "NATS_SEED", "NATS_CREDS",
        "NATS_NKEY",     "NATS_USER",  "NATS_KEY",  "NATS_CREDENTIALS_FILE_PATH",
    };
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++)
        if (is_named(variable, secrets[i]))
            return true;
    if (is_named(variable, "NATS_URL") && strchr(variable, '@'))
        return true;
    /* If a handler started us, these are about its own job. */
    return strncmp(variable, "NATSQ_", strlen("NATSQ_")) == 0 || is_named(variable, "TRACEPARENT");
}

struct environment *environment_open(struct error *error)
{
    size_t n = 0;
    while (environ[n])
        n++;
    struct environment *environment =
        calloc(1, sizeof *environment + (n + JOB_VARIABLES + 1) * sizeof(char *));
    if (environment)
        environment->text = malloc(JOB_BYTES);
    if (!environment || !environment->text) {
        free(environment);
        error_set(error, EX_OSERR, "out of memory");
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        if (!is_withheld(environ[i]))
            environment->variables[environment->n_inherited++] = environ[i];
    return environment;
}

void environment_close(struct environment *environment)
{
    if (!environment)
        return;
    free(environment->text);
    free(environment);
}

/* Adds a variable. False: there is no room for it. */
__attribute__((format(printf, 2, 3))) static bool add(struct environment *environment,
                                                      const char *format, ...)
{
    if (environment->n - environment->n_inherited == JOB_VARIABLES)
        return false;
    char *at = environment->text + environment->used;
    size_t room = JOB_BYTES - environment->used;
    va_list words;
    va_start(words, format);
    int length = vsnprintf(at, room, format, words);
    va_end(words);
    if (length < 0 || (size_t)length >= room)
        return false;
    environment->variables[environment->n++] = at;
    environment->used += (size_t)length + 1;
    return true;
}

enum { SUFFIX_MAX = sizeof " and 18446744073709551615 more" };

static void note_omitted(struct environment *environment, const char *header)
{
    size_t used = strlen(environment->omitted);
    size_t room = sizeof environment->omitted - SUFFIX_MAX - used;
    if (strlen(", NATSQ_HEADER_") + strlen(header) >= room)
        environment->n_unlisted++;
    else
        snprintf(environment->omitted + used, room, "%sNATSQ_HEADER_%s", used ? ", " : "", header);
}

static void end_omitted(struct environment *environment)
{
    size_t used = strlen(environment->omitted);
    if (environment->n_unlisted > 0)
        snprintf(environment->omitted + used, sizeof environment->omitted - used, " and %zu more",
                 environment->n_unlisted);
}

/* `X-Request-Id` → `X_REQUEST_ID`. */
static const char *variable_name(const char *header, char name[128])
{
    size_t i = 0;
    for (; header[i] && i < 127; i++)
        name[i] = isalnum((unsigned char)header[i]) ? (char)toupper((unsigned char)header[i]) : '_';
    name[i] = '\0';
    return name;
}

/* The first value of each header. */
static void add_headers(struct environment *environment, natsMsg *message)
{
    char name[128];
    _cleanup_(header_iterator_close) struct header_iterator header = {.message = message};
    while (header_iterator_next(&header)) {
        if (!header.is_first)
            continue;
        if (!add(environment, "NATSQ_HEADER_%s=%s", variable_name(header.name, name), header.value))
            note_omitted(environment, name);
        if (strcasecmp(header.name, "traceparent") == 0)
            add(environment, "TRACEPARENT=%s", header.value);
    }
}

static void add_job(struct environment *environment, const struct attempt *attempt)
{
    const char *id = letter_job_id(attempt->job);
    char time[TIMESTAMP_TEXT_MAX];
    add(environment, "NATSQ_SUBJECT=%s", attempt->subject);
    add(environment, "NATSQ_STREAM=%s", attempt->stream);
    add(environment, "NATSQ_SEQ=%" PRIu64, attempt->seq);
    add(environment, "NATSQ_DELIVERY=%" PRId64, attempt->number);
    add(environment, "NATSQ_MAX_DELIVER=%" PRId64, attempt->max > 0 ? attempt->max : -1);
    add(environment, "NATSQ_TIMESTAMP=%s", timestamp_format(attempt->stored_at, 9, time));
    if (id)
        add(environment, "NATSQ_JOB_ID=%s", id);
}

static void add_death(struct environment *environment, const struct letter *letter)
{
    add(environment, "NATSQ_REASON=%s", letter->reason);
    add(environment, "NATSQ_ERROR=%s", letter->error ? letter->error : "");
    add(environment, "NATSQ_DELIVERIES=%" PRIu64, letter->deliveries);
    add(environment, "NATSQ_RETRIES=%" PRIu64, letter->retries);
}

static void begin(struct environment *environment)
{
    environment->n = environment->n_inherited;
    environment->used = 0;
    environment->omitted[0] = '\0';
    environment->n_unlisted = 0;
}

char *const *environment_for(struct environment *environment, const struct attempt *attempt)
{
    begin(environment);
    add_job(environment, attempt);
    if (attempt->letter)
        add_death(environment, attempt->letter);
    environment->n_plain = environment->n;
    add_headers(environment, attempt->job->message);
    end_omitted(environment);
    environment->variables[environment->n] = NULL;
    return environment->variables;
}

char *const *environment_without_headers(struct environment *environment)
{
    strcpy(environment->omitted, "NATSQ_HEADER_*");
    environment->variables[environment->n = environment->n_plain] = NULL;
    return environment->variables;
}

const char *environment_omitted(const struct environment *environment)
{
    return environment->omitted;
}

char *const *environment_for_coprocess(struct environment *environment,
                                       const struct attempt *attempt)
{
    begin(environment);
    add(environment, "NATSQ_STREAM=%s", attempt->stream);
    environment->variables[environment->n] = NULL;
    return environment->variables;
}
