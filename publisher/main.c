#include "base/exit_status.h"
#include "base/inherited.h"
#include "base/stop.h"
#include "nats/connection.h"
#include "publish/pipeline.h"
#include "publisher_options.h"
#include "source/source.h"

#include <stdio.h>

static int run(const struct publisher_options *options, struct error *error)
{
    char name[300];
    snprintf(name, sizeof name, "publisher_%s", options->subject ? options->subject : "jsonl");
    _cleanup_(cleanup_source) struct source *source = NULL;
    _cleanup_(cleanup_connection) struct connection *connection = NULL;
    if (source_open(&source, options, error) < 0 || stop_install(error) < 0)
        return -1;
    int result = connection_open(&connection, &options->connection, name, &options->log, error);
    if (result == 0)
        result = pipeline_run(source, options, connection, error);
    return result > 0 ? error_set(error, EX_TEMPFAIL, "stopped before anything was published")
                      : result;
}

int main(int argc, char **argv)
{
    struct publisher_options options;
    struct error error = {0};
    inherited_normalize();
    int result = publisher_options_parse(&options, argc, argv, &error);
    if (result == 0)
        result = run(&options, &error);
    int status = exit_status(result, &error, &options.log);
    publisher_options_close(&options);
    return status;
}
