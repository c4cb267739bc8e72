/* publisher_options: the options of `publisher`, checked. */
#ifndef NATSQ_PUBLISHER_OPTIONS_H
#define NATSQ_PUBLISHER_OPTIONS_H

#include "base/log.h"
#include "cli/options.h"
#include "nats/connection_options.h"
#include "nats/header_options.h"

/* The server accepts a protocol line of 4,096 bytes, with the subject, the reply and the sizes. */
enum { PUBLISHER_SUBJECT_MAX = 2048, PUBLISHER_ID_PREFIX_MAX = 256 };

/* The option that says where the jobs come from. */
enum publisher_source {
    SOURCE_COUNT, /* none of the options below: generated, --count of them */
    SOURCE_LINES,
    SOURCE_NULL,
    SOURCE_JSONL,
    SOURCE_EACH_FILE,
    PUBLISHER_SOURCES
};
/* "lines", …: the name of the option. */
extern const char *const publisher_sources[PUBLISHER_SOURCES];

enum progress_mode { PROGRESS_AUTO, PROGRESS_ALWAYS, PROGRESS_NEVER };

struct publisher_options {
    struct connection_options connection;
    struct log log;
    struct arguments arguments;
    const char *subject;      /* NULL: with --jsonl each job has its own */
    const char *const *files; /* NULL-terminated; none: stdin */
    size_t n_files;
    enum publisher_source source;
    bool source_given[PUBLISHER_SOURCES], skip_empty;
    struct header_options headers; /* added to each job */
    const char *id;                /* the id of the only job, or NULL */
    int64_t count, interval;
    const char *body; /* `{n}` stands for the job's number */
    bool count_given, interval_given, body_given;
    const char *id_prefix; /* NULL: the run generates one */
    int64_t window;
    const char *retry_for_text;
    int64_t retry_for; /* ns; INT64_MAX: forever */
    int64_t grace;
    const char *failed, *checkpoint; /* files, or NULL */
    double rate;                     /* jobs a second; 0: no limit */
    int progress;                    /* enum progress_mode */
};

/* 0: run. 1: help was printed. -1: a usage error (64). */
int publisher_options_parse(struct publisher_options *options, int argc, char **argv,
                            struct error *error);
void publisher_options_close(struct publisher_options *options);

#endif
