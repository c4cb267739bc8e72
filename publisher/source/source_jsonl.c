/* A job a line of JSON: the lines of source_lines, read. */
#include "source/source.h"

#include "source/jsonl.h"

struct jsonl_source {
    struct source source;
    struct source *lines;
    struct jsonl job;
};

/* A line that is no job is one all the same, with its fault: it has a number and a place. */
static void read_line(struct jsonl *job, struct source_item *item)
{
    if (item->oversize)
        return;
    item->fault = jsonl_read(job, item->raw, item->raw_length);
    item->subject = job->subject;
    item->id = job->id;
    item->headers = job->headers;
    item->n_headers = job->n_headers;
    item->body = job->body;
    item->length = job->length;
}

static int jsonl_next(struct source *source, struct source_item *item, struct source_wait *wait,
                      struct error *error)
{
    struct jsonl_source *jsonl = (struct jsonl_source *)source;
    int state = source_next(jsonl->lines, item, wait, error);
    source->done = jsonl->lines->done;
    if (state == SOURCE_ITEM)
        read_line(&jsonl->job, item);
    return state;
}

static void jsonl_place(const struct source *source, uint64_t number, char place[SOURCE_PLACE_MAX])
{
    source_place(((const struct jsonl_source *)source)->lines, number, place);
}

static void jsonl_stop(struct source *source)
{
    source_stop(((struct jsonl_source *)source)->lines);
}

static void jsonl_close(struct source *source)
{
    struct jsonl_source *jsonl = (struct jsonl_source *)source;
    source_close(jsonl->lines);
    jsonl_release(&jsonl->job);
    free(jsonl);
}

static const struct source_kind kind = {jsonl_next, jsonl_place, jsonl_stop, jsonl_close};

int source_open_jsonl(struct source **opened, const struct publisher_options *options,
                      struct error *error)
{
    _cleanup_(cleanup_source) struct source *lines = NULL;
    if (source_open_lines(&lines, options, error) < 0)
        return -1;
    struct jsonl_source *jsonl = malloc(sizeof *jsonl);
    if (!jsonl)
        return error_set(error, EX_OSERR, "out of memory");
    *jsonl = (struct jsonl_source){.source = {.kind = &kind, .total = lines->total},
                                   .lines = take(lines)};
    *opened = &jsonl->source;
    return 0;
}
