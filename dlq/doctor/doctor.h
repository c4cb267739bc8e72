/* doctor: checks everything that natsq needs of a server, and reports what is wrong and what to do
 * about it: in words, and if possible with a command to paste. It changes nothing. A check is a
 * function of doctor_checks.h. */
#ifndef NATSQ_DOCTOR_H
#define NATSQ_DOCTOR_H

#include "base/error.h"
#include "base/shell_word.h"
#include "doctor/flow.h"
#include "letters/tty_progress.h"
#include "streams/consumer_list.h"
#include "streams/dlq_durable.h"
#include "streams/queue_look.h"

struct dlq;

enum health { HEALTH_GOOD, HEALTH_WARNING, HEALTH_CRITICAL }; /* these are the exit codes, too */

enum doctor_input {
    INPUT_SERVER = 1 << 0, /* always available */
    INPUT_ORIGIN = 1 << 1,
    INPUT_DLQ = 1 << 2,
    INPUT_ORIGIN_CONSUMERS = 1 << 3,
    INPUT_DLQ_CONSUMERS = 1 << 4,
};

struct finding {
    const char *check; /* its name */
    enum health health;
    char text[512];
    char advice[512];   /* empty: the command says it, or there is nothing to do */
    char command[2048]; /* to be pasted into a shell; empty: none */
};

/* Both looks at a durable; they are the same unless it is suspicious. */
struct watched {
    struct flow_look before, after;
};

enum { STREAM_WORD_MAX = SHELL_WORD_SIZE(256) };

struct doctor {
    struct dlq *dlq;
    struct tty_progress progress;
    struct requester *requester;
    const char *origin, *stream; /* names; the stream is the DLQ's */
    char origin_word[STREAM_WORD_MAX], stream_word[STREAM_WORD_MAX]; /* as words of a shell */
    char reach[2048]; /* the options with which a command reaches this server; or empty */
    /* Read before the checks run. */
    struct json_t *origin_info, *dlq_info;     /* STREAM.INFO; NULL: could not be read */
    struct json_t *origin_config, *dlq_config; /* their `config` */
    struct consumer_list origin_consumers, dlq_consumers;
    unsigned known; /* of these, what could be read: a set of enum doctor_input */
    struct dlq_durable collects, decides; /* the durables that `run` uses or would create */
    struct watched *workers, *handlers;   /* of each of the consumers; NULL: there is none */
    struct queue_look queue;              /* zero: the streams could not be read */
    /* What the checks found. */
    const char *check; /* the name of the one that runs */
    struct finding *findings;
    size_t n, room;
};

/* Reads the streams and their consumers, and runs the checks. -1 when that cannot begin. */
int doctor_run(struct doctor *doctor, struct error *error);
void doctor_close(struct doctor *doctor);

/* Adds a finding of the check that runs. */
void doctor_report(struct doctor *doctor, enum health health, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* What to do about the finding that was added last, in words. */
void doctor_advise(struct doctor *doctor, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The command that does it: `program` ("dlq", "consumer", "nats"), as it is called here, with these
 * arguments and, in front of a `--`, the options that lead to this server. Names of streams and
 * consumers are given as words of a shell. */
void doctor_command(struct doctor *doctor, const char *program, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The advice of a finding in one line: words, command, or both. "": there is none. */
const char *finding_advice(const struct finding *finding, char *text, size_t size);

const char *health_text(enum health health); /* "good", "warning", "critical": total */

#endif
