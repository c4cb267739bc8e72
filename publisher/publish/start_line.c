#include "publish/start_line.h"

#include "base/duration.h"
#include "nats/connection.h"
#include "publisher_options.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdio.h>

enum { SOURCE_TEXT_MAX = 500 };

/* "20 jobs, one every 1s", "--lines of stdin", "--lines of orders.txt and 2 other files" */
static const char *source_text(const struct publisher_options *options, char text[SOURCE_TEXT_MAX])
{
    char interval[DURATION_TEXT_MAX];
    const char *first = options->n_files > 0 ? options->files[0] : "stdin";
    if (options->source == SOURCE_COUNT && options->interval > 0 && options->count > 1)
        snprintf(text, SOURCE_TEXT_MAX, "%" PRId64 " jobs, one every %s", options->count,
                 duration_format(options->interval, interval));
    else if (options->source == SOURCE_COUNT)
        snprintf(text, SOURCE_TEXT_MAX, "%" PRId64 " job%s", options->count,
                 options->count == 1 ? "" : "s");
    else if (options->n_files > 1)
        snprintf(text, SOURCE_TEXT_MAX, "--%s of %.300s and %zu other file%s",
                 publisher_sources[options->source], first, options->n_files - 1,
                 options->n_files == 2 ? "" : "s");
    else
        snprintf(text, SOURCE_TEXT_MAX, "--%s of %.300s", publisher_sources[options->source],
                 first);
    return text;
}

void start_line_log(const struct publisher_options *options, const struct connection *connection)
{
    char url[SERVER_URL_SHOWN_MAX], source[SOURCE_TEXT_MAX];
    source_text(options, source);
    connection_url(connection, url);
    json_t *fields =
        json_pack("{s:s, s:s*, s:s}", "server", url, "subject", options->subject, "source", source);
    log_event(connection_log(connection),
              (struct log_event){.level = LOG_LEVEL_INFO, .fields = fields},
              "connected to %s: %s%s, %s", url, options->subject ? "subject " : "",
              options->subject ? options->subject : "each job's own subject", source);
}
