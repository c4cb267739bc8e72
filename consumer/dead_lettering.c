#include "dead_lettering.h"

#include "base/duration.h"
#include "base/fault_point.h"
#include "base/timestamp.h"
#include "letter/letter_store.h"
#include "nats/requester.h"
#include "queue/ack.h"
#include "queue/settings_check.h"
#include "queue/stream.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const int64_t put_off_for = DURATION_HOUR;
static const int64_t say_again = 10 * DURATION_MINUTE;
static const int64_t look_again = 10 * DURATION_S;
enum { STREAM_NAME_MAX = 256, TRIES = 3 };

struct burial {
    struct connection *connection;
    const char *origin, *consumer;
    struct exchange *exchange;
    struct letter_store *store; /* NULL until somebody died */
    char stream[STREAM_NAME_MAX];
    struct settings_target settings; /* of that stream */
    int64_t looked_at;
    char host[256];
    struct burial_said *said;
};

int burial_open(struct burial **opened, struct connection *connection, const char *origin,
                const char *consumer, struct burial_said *said, struct error *error)
{
    _cleanup_(cleanup_burial) struct burial *burial = calloc(1, sizeof *burial);
    if (!burial)
        return error_set(error, EX_OSERR, "out of memory");
    burial->connection = connection;
    burial->origin = origin;
    burial->consumer = consumer;
    burial->said = said;
    if (gethostname(burial->host, sizeof burial->host - 1) != 0)
        burial->host[0] = '\0';
    if (exchange_open(&burial->exchange, connection, error) < 0)
        return -1;
    *opened = take(burial);
    return 0;
}

void burial_close(struct burial *burial)
{
    if (!burial)
        return;
    letter_store_close(burial->store);
    exchange_close(burial->exchange);
    free(burial);
}

/* A letter there would not be safe, and its job stays in the origin. */
static int check_settings(struct burial *burial, struct error *error)
{
    int64_t now = duration_now();
    if (burial->looked_at > 0 && now - burial->looked_at < look_again)
        return 0;
    if (settings_look(&burial->settings, burial->exchange, NULL, error) < 0)
        return -1;
    burial->looked_at = now;
    return 0;
}

/* Whatever stream listens on the letter's subject. A stop cuts off the first look-up at most. */
static int look_up_stream(struct burial *burial, const char *subject, struct error *error)
{
    int result;
    do
        result = stream_of_subject(burial->connection, subject, false, burial->stream,
                                   sizeof burial->stream, error);
    while (result > 0);
    return result;
}

static int find_dlq(struct burial *burial, const char *subject, struct error *error)
{
    if (burial->store)
        return check_settings(burial, error);
    if (look_up_stream(burial, subject, error) < 0)
        return -1;
    burial->settings = (struct settings_target){SETTINGS_BURIAL, burial->stream, NULL, 0};
    if (check_settings(burial, error) < 0)
        return -1;
    return letter_store_open(&burial->store, burial->connection, burial->stream, 1, error);
}

static void describe(const struct burial *burial, const struct attempt *attempt,
                     const struct verdict *verdict, struct letter *letter)
{
    *letter = (struct letter){
        .origin = burial->origin,
        .consumer = burial->consumer,
        .deliveries = attempt->job->delivery.deliveries,
        .reason = verdict->reason,
        .error = verdict->error[0] ? verdict->error : NULL,
        .host = burial->host,
        .died_at = timestamp_now(),
    };
    letter_about(letter, attempt->job);
}

/* Whether it was said of late; else it will be now. */
static bool is_said(struct burial_said *said, enum puback_kind kind)
{
    int64_t now = duration_now();
    pthread_mutex_lock(&said->lock);
    bool known = said->kind == (int)kind && said->at != 0 && now - said->at < say_again;
    said->kind = (int)kind;
    if (!known)
        said->at = now;
    pthread_mutex_unlock(&said->lock);
    return known;
}

static void say(struct burial *burial, const struct letter *letter, enum puback_kind kind,
                const char *words)
{
    if (is_said(burial->said, kind))
        return;
    log_warn(connection_log(burial->connection),
             "no letter about # %llu: %s; such jobs stay in %s until their letters can be stored",
             (unsigned long long)letter->seq, words, burial->origin);
}

static const char *why_not(const struct burial *burial, const struct puback *outcome)
{
    if (outcome->description[0])
        return outcome->description;
    if (outcome->kind == PUBACK_AGAIN && !connection_is_up(burial->connection))
        return "there is no connection to the server";
    return puback_kind_text(outcome->kind);
}

static bool store_letter(struct burial *burial, struct letter *letter, const struct job *job)
{
    char subject[LETTER_SUBJECT_MAX];
    struct error error = {0};
    struct puback outcome = {.kind = PUBACK_NO_STREAM};
    letter_subject(letter, LETTER_DEAD, subject);
    if (find_dlq(burial, subject, &error) < 0) {
        say(burial, letter, PUBACK_NO_STREAM, error.text);
        return false;
    }
    int put = letter_store_put(burial->store, LETTER_DEAD, letter, job, &outcome, &error);
    if (letter_store_flush(burial->store, &error) < 0 || put < 0) {
        say(burial, letter, PUBACK_AGAIN, error.text);
        return false;
    }
    if (puback_confirms(&outcome)) {
        return true;
    }
    say(burial, letter, outcome.kind, why_not(burial, &outcome));
    return false;
}

/* A request, so that the server's word comes back. Without it the job comes again, is buried again
 * and finds its letter there. */
static void term(struct burial *burial, const struct attempt *attempt, const char *reason)
{
    char body[128];
    bool confirmed = false;
    snprintf(body, sizeof body, "+TERM %s", reason);
    for (int i = 0; i < TRIES && !confirmed && !attempt_is_over(attempt); i++)
        confirmed = ack_confirmed(burial->exchange, burial->connection, attempt->job, body);
}

/* A job whose letter refers to its body comes again, as it stays in the origin: not soon. */
static void put_off(struct burial *burial, const struct attempt *attempt)
{
    if (!attempt_is_over(attempt) &&
        ack_retry(burial->connection, attempt->job, put_off_for) != NATS_OK)
        log_debug(connection_log(burial->connection), "a job by reference comes again soon");
}

bool bury(struct burial *burial, struct attempt *attempt, const struct verdict *verdict)
{
    struct letter letter;
    describe(burial, attempt, verdict, &letter);
    attempt_renew(attempt);
    seam("bury:begin");
    if (!store_letter(burial, &letter, attempt->job))
        return false;
    seam("bury:letter");
    /* Once the lease is over the job is somebody else's: it comes again, finds its letter and is
     * terminated then. */
    if (letter.by_reference)
        put_off(burial, attempt);
    else if (!attempt_is_over(attempt))
        term(burial, attempt, verdict->reason);
    seam("bury:term");
    return true;
}
