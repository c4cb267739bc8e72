/* A job a record of the input: a line, what ends with a NUL, or a file. */
#include "source/source.h"

#include "source/input.h"

struct lines_source {
    struct source source;
    struct input *input;
    const struct log *log;
    const char *prompt; /* for a terminal */
    bool said_waiting;
};

/* Someone who has typed no more than the command would look at a silent terminal. */
static void say_waiting(struct lines_source *lines)
{
    if (!lines->said_waiting && isatty(input_descriptor(lines->input)))
        log_info(lines->log, "%s", lines->prompt);
    lines->said_waiting = true;
}

static int lines_next(struct source *source, struct source_item *item, struct source_wait *wait,
                      struct error *error)
{
    struct lines_source *lines = (struct lines_source *)source;
    struct record record;
    int state = input_next(lines->input, &record, error);
    if (state < 0)
        return -1;
    *wait = (struct source_wait){input_descriptor(lines->input), INT64_MAX};
    source->done = input_given(lines->input);
    if (state == INPUT_WAIT)
        say_waiting(lines);
    if (state != INPUT_RECORD)
        return state == INPUT_WAIT ? SOURCE_WAIT : SOURCE_END;
    *item = (struct source_item){
        .body = record.bytes,
        .length = record.length,
        .number = record.number,
        .raw = record.bytes,
        .raw_length = record.length,
        .oversize = record.oversize,
        .partial = record.partial,
    };
    return SOURCE_ITEM;
}

static void lines_place(const struct source *source, uint64_t number, char place[SOURCE_PLACE_MAX])
{
    _Static_assert((int)SOURCE_PLACE_MAX == (int)INPUT_PLACE_MAX, "a place fits");
    input_place(((const struct lines_source *)source)->input, number, place);
}

static void lines_stop(struct source *source)
{
    input_stop(((struct lines_source *)source)->input);
}

static void lines_close(struct source *source)
{
    struct lines_source *lines = (struct lines_source *)source;
    input_close(lines->input);
    free(lines);
}

static const struct source_kind kind = {lines_next, lines_place, lines_stop, lines_close};

static int delimiter(const struct publisher_options *options)
{
    return options->null ? '\0' : options->each_file ? INPUT_WHOLE : '\n';
}

static const char *prompt(const struct publisher_options *options)
{
    return options->null        ? "type jobs, each ended by a NUL (Ctrl-@); Ctrl-D ends the input"
           : options->each_file ? "type one job, of any number of lines; Ctrl-D ends it"
                                : "type jobs, one a line; Ctrl-D ends";
}

int source_open_lines(struct source **opened, const struct publisher_options *options,
                      struct error *error)
{
    const struct input_cut cut = {delimiter(options), options->skip_empty};
    _cleanup_(cleanup_input) struct input *input = NULL;
    if (input_open(&input, options->files, options->n_files, cut, error) < 0)
        return -1;
    struct lines_source *lines = malloc(sizeof *lines);
    if (!lines)
        return error_set(error, EX_OSERR, "out of memory");
    *lines = (struct lines_source){.source = {.kind = &kind, .total = input_size(input)},
                                   .input = take(input),
                                   .log = &options->log,
                                   .prompt = prompt(options)};
    *opened = &lines->source;
    return 0;
}
