#include "source/source.h"

int source_open(struct source **opened, const struct publisher_options *options,
                struct error *error)
{
    if (options->jsonl)
        return source_open_jsonl(opened, options, error);
    return options->lines || options->null || options->each_file
               ? source_open_lines(opened, options, error)
               : source_open_count(opened, options, error);
}

uint64_t source_unmade(const struct source *source)
{
    return source->one_by_one ? source->total - source->done : 0;
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

const char *source_place(const struct source *source, uint64_t number, char place[SOURCE_PLACE_MAX])
{
    source->kind->place(source, number, place);
    return place;
}
