/* Generates jobs: --count of them, one every --interval. */
#include "source/source_kind.h"

#include "base/clock.h"
#include "base/decimal.h"
#include "base/program_name.h"
#include "base/rate_limit.h"
#include "base/shell_word.h"
#include "source/waiting_input.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char marker[] = "{n}";

struct count_source {
    struct source source;
    const struct publisher_options *options;
    uint64_t next;
    struct rate_limit interval;
    char *body; /* the body of the last job */
    bool stopped;
};

/* Writes the template to `body` with the number for each marker. Returns the length. */
static size_t expand(const char *template, uint64_t number, char *body)
{
    char *at = body;
    for (const char *hit; (hit = strstr(template, marker)); template = hit + strlen(marker)) {
        at = mempcpy(at, template, (size_t)(hit - template));
        at = decimal_write(at, number);
    }
    return (size_t)(stpcpy(at, template) - body);
}

/* The size of the longest expansion, with its NUL. */
static size_t expanded_size(const char *template)
{
    enum { DIGITS_MOST = 20 };
    size_t markers = 0;
    for (const char *at = template; (at = strstr(at, marker)); at += strlen(marker))
        markers++;
    return strlen(template) + markers * DIGITS_MOST + 1;
}

static int count_next(struct source *source, struct source_item *item, struct source_wait *wait,
                      struct error *error)
{
    (void)error;
    struct count_source *generator = (struct count_source *)source;
    if (generator->stopped || generator->next == (uint64_t)generator->options->count)
        return SOURCE_END;
    if (clock_now() < generator->interval.next) {
        *wait = (struct source_wait){-1, generator->interval.next};
        return SOURCE_WAIT;
    }
    rate_limit_count(&generator->interval);
    *item = (struct source_item){.body = generator->body, .number = generator->next++};
    item->length = expand(generator->options->body, item->number, generator->body);
    item->raw = item->body;
    item->raw_length = item->length;
    source->done = generator->next;
    return SOURCE_ITEM;
}

static void count_location(const struct source *source, uint64_t number,
                           char text[SOURCE_LOCATION_MAX])
{
    (void)source;
    snprintf(text, SOURCE_LOCATION_MAX, "order no. %" PRIu64, number);
}

/* The rest need not be saved: another run generates it again. */
static void count_stop(struct source *source)
{
    ((struct count_source *)source)->stopped = true;
}

static void count_close(struct source *source)
{
    struct count_source *generator = (struct count_source *)source;
    free(generator->body);
    free(generator);
}

static const struct source_kind kind = {count_next, count_location, count_stop, count_close};

/* Without this, jobs that are piped in without an option that says how to read them would be
 * ignored, and generated jobs published. A script or loop whose input is our stdin gives an option
 * for those. */
static int check_stdin(const struct publisher_options *options, struct error *error)
{
    char subject[PUBLISHER_SUBJECT_MAX + 3];
    bool asks = options->count_given || options->interval_given || options->body_given;
    if (asks || !waiting_input(STDIN_FILENO))
        return 0;
    return error_set(error, EX_USAGE,
                     "data waits on stdin, and no option says how to read it: %s %s --lines (each "
                     "line is a job), --null or --jsonl; with '< /dev/null' it is ignored",
                     program_call("publisher"),
                     shell_word(options->subject, subject, sizeof subject));
}

int source_open_count(struct source **opened, const struct publisher_options *options,
                      struct error *error)
{
    if (check_stdin(options, error) < 0)
        return -1;
    struct count_source *generator = calloc(1, sizeof *generator);
    char *body = malloc(expanded_size(options->body));
    if (!generator || !body) {
        free(generator);
        free(body);
        return error_set(error, EX_OSERR, "out of memory");
    }
    *generator = (struct count_source){
        .source = {.kind = &kind, .confirm_each = true, .total = (uint64_t)options->count},
        .options = options,
        .interval.step = options->interval,
        .body = body,
    };
    *opened = &generator->source;
    return 0;
}
