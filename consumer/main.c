#include "base/exit_status.h"
#include "base/inherited.h"
#include "base/stop.h"
#include "worker.h"

#include <stdio.h>

static int run(const struct consumer_options *options, struct error *error)
{
    char name[300];
    snprintf(name, sizeof name, "consumer_%s", options->durable.stream);
    _cleanup_(cleanup_connection) struct connection *connection = NULL;
    _cleanup_(cleanup_worker) struct worker *worker = NULL;
    if (stop_install(error) < 0)
        return -1;
    int result = connection_open(&connection, &options->connection, name, &options->log, error);
    if (result == 0)
        result = worker_open(&worker, options, connection, error);
    if (result == 0)
        result = worker_run(worker, error);
    return result;
}

int main(int argc, char **argv)
{
    struct consumer_options options;
    struct error error = {0};
    inherited_normalize();
    int result = consumer_options_parse(&options, argc, argv, &error);
    if (result == 0)
        result = run(&options, &error);
    int status = exit_status(result, &error, &options.log);
    consumer_options_close(&options);
    return status;
}
