#include "source/source.h"

static source_opener *const openers[PUBLISHER_SOURCES] = {
    [SOURCE_COUNT] = source_open_count,       [SOURCE_LINES] = source_open_records,
    [SOURCE_NULL] = source_open_records,      [SOURCE_JSONL] = source_open_records,
    [SOURCE_EACH_FILE] = source_open_records,
};

int source_open(struct source **opened, const struct publisher_options *options,
                struct error *error)
{
    return openers[options->source](opened, options, error);
}

uint64_t source_remaining(const struct source *source)
{
    return source->confirm_each ? source->total - source->done : 0;
}

void source_close(struct source *source)
{
    if (source)
        source->kind->close(source);
}

int source_next(struct source *source, struct source_item *item, struct source_wait *wait,
                struct error *error)
{
    return source->kind->next(source, item, wait, error);
}

void source_stop(struct source *source)
{
    source->kind->stop(source);
}

const char *source_location(const struct source *source, uint64_t number,
                            char text[SOURCE_LOCATION_MAX])
{
    source->kind->location(source, number, text);
    return text;
}
