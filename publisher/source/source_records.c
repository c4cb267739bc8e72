/* Each record of the FILEs is a job: a line, text that ends with a NUL, a JSON object, or a file.
 */
#include "source/jsonl.h"
#include "source/record_reader.h"
#include "source/source_kind.h"

static const struct format {
    int delimiter;
    const char *prompt;
} formats[PUBLISHER_SOURCES] = {
    [SOURCE_LINES] = {'\n', "type jobs, one a line; Ctrl-D ends"},
    [SOURCE_NULL] = {'\0', "type jobs, each terminated by a NUL (Ctrl-@); Ctrl-D ends the input"},
    [SOURCE_JSONL] = {'\n', "type jobs, one a line; Ctrl-D ends"},
    [SOURCE_EACH_FILE] = {RECORD_WHOLE_FILE,
                          "type one job, of any number of lines; Ctrl-D ends it"},
};

struct records_source {
    struct source source;
    struct record_reader *reader;
    const struct publisher_options *options;
    struct jsonl job; /* the job in the last line, with --jsonl */
    bool was_prompted;
};

/* A terminal that shows nothing would look as if the program hung. */
static void prompt(struct records_source *records)
{
    if (!records->was_prompted && isatty(record_reader_descriptor(records->reader)))
        log_info(&records->options->log, "%s", formats[records->options->source].prompt);
    records->was_prompted = true;
}

static void parse_jsonl(struct jsonl *job, struct source_item *item)
{
    item->fault = jsonl_read(job, item->raw, item->raw_length);
    item->subject = job->subject;
    item->id = job->id;
    item->headers = job->headers;
    item->n_headers = job->n_headers;
    item->body = job->body;
    item->length = job->length;
}

static void make_item(struct records_source *records, const struct record *record,
                      struct source_item *item)
{
    *item = (struct source_item){
        .body = record->bytes,
        .length = record->length,
        .number = record->number,
        .raw = record->bytes,
        .raw_length = record->length,
        .oversize = record->oversize,
        .partial = record->partial,
    };
    if (records->options->source == SOURCE_JSONL && !item->oversize)
        parse_jsonl(&records->job, item);
}

static int records_next(struct source *source, struct source_item *item, struct source_wait *wait,
                        struct error *error)
{
    struct records_source *records = (struct records_source *)source;
    struct record record;
    do {
        int state = record_reader_next(records->reader, &record, error);
        if (state < 0)
            return -1;
        source->done = record_reader_consumed(records->reader);
        if (state == RECORD_END)
            return SOURCE_END;
        if (state == RECORD_WAIT) {
            *wait = (struct source_wait){record_reader_descriptor(records->reader), INT64_MAX};
            prompt(records);
            return SOURCE_WAIT;
        }
        make_item(records, &record, item);
    } while (records->job.is_end);
    return SOURCE_ITEM;
}

static void records_location(const struct source *source, uint64_t number,
                             char text[SOURCE_LOCATION_MAX])
{
    _Static_assert((int)SOURCE_LOCATION_MAX == (int)RECORD_LOCATION_MAX, "a location fits");
    record_reader_location(((const struct records_source *)source)->reader, number, text);
}

static void records_stop(struct source *source)
{
    record_reader_stop(((struct records_source *)source)->reader);
}

static void records_close(struct source *source)
{
    struct records_source *records = (struct records_source *)source;
    record_reader_close(records->reader);
    jsonl_release(&records->job);
    free(records);
}

static const struct source_kind kind = {records_next, records_location, records_stop,
                                        records_close};

int source_open_records(struct source **opened, const struct publisher_options *options,
                        struct error *error)
{
    const struct record_format format = {formats[options->source].delimiter, options->skip_empty};
    _cleanup_(cleanup_record_reader) struct record_reader *reader = NULL;
    if (record_reader_open(&reader, options->files, options->n_files, format, error) < 0)
        return -1;
    struct records_source *records = malloc(sizeof *records);
    if (!records)
        return error_set(error, EX_OSERR, "out of memory");
    *records = (struct records_source){
        .source = {.kind = &kind, .total = record_reader_size(reader)},
        .reader = take(reader),
        .options = options,
    };
    *opened = &records->source;
    return 0;
}
