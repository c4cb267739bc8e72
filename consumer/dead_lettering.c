#include "dead_lettering.h"

#include "base/clock.h"
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

struct dead_lettering {
    struct connection *connection;
    const char *origin, *consumer;
    struct requester *requester;
    struct letter_store *store; /* NULL until somebody died */
    char stream[STREAM_NAME_MAX];
    struct settings_target settings; /* of that stream */
    int64_t looked_at;
    char host[256];
    struct dead_lettering_warnings *said;
};

int dead_lettering_open(struct dead_lettering **opened, struct connection *connection,
                        const char *origin, const char *consumer,
                        struct dead_lettering_warnings *said, struct error *error)
{
    _cleanup_(cleanup_dead_lettering) struct dead_lettering *dead_lettering =
        calloc(1, sizeof *dead_lettering);
    if (!dead_lettering)
        return error_set(error, EX_OSERR, "out of memory");
    dead_lettering->connection = connection;
    dead_lettering->origin = origin;
    dead_lettering->consumer = consumer;
    dead_lettering->said = said;
    if (gethostname(dead_lettering->host, sizeof dead_lettering->host - 1) != 0)
        dead_lettering->host[0] = '\0';
    if (requester_open(&dead_lettering->requester, connection, error) < 0)
        return -1;
    *opened = take(dead_lettering);
    return 0;
}

void dead_lettering_close(struct dead_lettering *dead_lettering)
{
    if (!dead_lettering)
        return;
    letter_store_close(dead_lettering->store);
    requester_close(dead_lettering->requester);
    free(dead_lettering);
}

/* A letter there would not be safe, and its job stays in the origin. */
static int check_settings(struct dead_lettering *dead_lettering, struct error *error)
{
    int64_t now = clock_now();
    if (dead_lettering->looked_at > 0 && now - dead_lettering->looked_at < look_again)
        return 0;
    if (settings_check(&dead_lettering->settings, dead_lettering->requester, NULL, error) < 0)
        return -1;
    dead_lettering->looked_at = now;
    return 0;
}

/* Whatever stream listens on the letter's subject. A stop cuts off the first look-up at most. */
static int look_up_stream(struct dead_lettering *dead_lettering, const char *subject,
                          struct error *error)
{
    int result;
    do
        result = stream_of_subject(dead_lettering->connection, subject, false,
                                   dead_lettering->stream, sizeof dead_lettering->stream, error);
    while (result > 0);
    return result;
}

static int find_dlq(struct dead_lettering *dead_lettering, const char *subject, struct error *error)
{
    if (dead_lettering->store)
        return check_settings(dead_lettering, error);
    if (look_up_stream(dead_lettering, subject, error) < 0)
        return -1;
    dead_lettering->settings =
        (struct settings_target){SETTINGS_DEAD_LETTERING, dead_lettering->stream, NULL, 0};
    if (check_settings(dead_lettering, error) < 0)
        return -1;
    return letter_store_open(&dead_lettering->store, dead_lettering->connection,
                             dead_lettering->stream, 1, error);
}

static void describe(const struct dead_lettering *dead_lettering, const struct attempt *attempt,
                     const struct verdict *verdict, struct letter *letter)
{
    *letter = (struct letter){
        .origin = dead_lettering->origin,
        .consumer = dead_lettering->consumer,
        .deliveries = attempt->job->delivery.deliveries,
        .reason = verdict->reason,
        .error = verdict->error[0] ? verdict->error : NULL,
        .host = dead_lettering->host,
        .died_at = timestamp_now(),
    };
    letter_about(letter, attempt->job);
}

/* Whether it was said of late; else it will be now. */
static bool is_said(struct dead_lettering_warnings *said, enum puback_kind kind)
{
    int64_t now = clock_now();
    pthread_mutex_lock(&said->lock);
    bool known = said->kind == (int)kind && said->at != 0 && now - said->at < say_again;
    said->kind = (int)kind;
    if (!known)
        said->at = now;
    pthread_mutex_unlock(&said->lock);
    return known;
}

static void say(struct dead_lettering *dead_lettering, const struct letter *letter,
                enum puback_kind kind, const char *words)
{
    if (is_said(dead_lettering->said, kind))
        return;
    log_warn(connection_log(dead_lettering->connection),
             "no letter about # %llu: %s; such jobs stay in %s until their letters can be stored",
             (unsigned long long)letter->seq, words, dead_lettering->origin);
}

static const char *why_not(const struct dead_lettering *dead_lettering,
                           const struct puback *outcome)
{
    if (outcome->description[0])
        return outcome->description;
    if (outcome->kind == PUBACK_AGAIN && !connection_is_up(dead_lettering->connection))
        return "there is no connection to the server";
    return puback_kind_text(outcome->kind);
}

static bool store_letter(struct dead_lettering *dead_lettering, struct letter *letter,
                         const struct job *job)
{
    char subject[LETTER_SUBJECT_MAX];
    struct error error = {0};
    struct puback outcome = {.kind = PUBACK_NO_STREAM};
    letter_subject(letter, LETTER_DEAD, subject);
    if (find_dlq(dead_lettering, subject, &error) < 0) {
        say(dead_lettering, letter, PUBACK_NO_STREAM, error.text);
        return false;
    }
    int put = letter_store_put(dead_lettering->store, LETTER_DEAD, letter, job, &outcome, &error);
    if (letter_store_flush(dead_lettering->store, &error) < 0 || put < 0) {
        say(dead_lettering, letter, PUBACK_AGAIN, error.text);
        return false;
    }
    if (puback_confirms(&outcome)) {
        return true;
    }
    say(dead_lettering, letter, outcome.kind, why_not(dead_lettering, &outcome));
    return false;
}

/* A request, so that the server's word comes back. Without it the job comes again, is buried again
 * and finds its letter there. */
static void term(struct dead_lettering *dead_lettering, const struct attempt *attempt,
                 const char *reason)
{
    char body[128];
    bool confirmed = false;
    snprintf(body, sizeof body, "+TERM %s", reason);
    for (int i = 0; i < TRIES && !confirmed && !attempt_lease_expired(attempt); i++)
        confirmed = ack_confirmed(dead_lettering->requester, dead_lettering->connection,
                                  attempt->job, body);
}

/* A job whose letter refers to its body comes again, as it stays in the origin: not soon. */
static void put_off(struct dead_lettering *dead_lettering, const struct attempt *attempt)
{
    if (!attempt_lease_expired(attempt) &&
        ack_retry(dead_lettering->connection, attempt->job, put_off_for) != NATS_OK)
        log_debug(connection_log(dead_lettering->connection),
                  "a job by reference comes again soon");
}

bool dead_letter_job(struct dead_lettering *dead_lettering, struct attempt *attempt,
                     const struct verdict *verdict)
{
    struct letter letter;
    describe(dead_lettering, attempt, verdict, &letter);
    attempt_renew_lease(attempt);
    fault_point("dead_lettering:begin");
    if (!store_letter(dead_lettering, &letter, attempt->job))
        return false;
    fault_point("dead_lettering:letter");
    /* Once the lease is over the job is somebody else's: it comes again, finds its letter and is
     * terminated then. */
    if (letter.by_reference)
        put_off(dead_lettering, attempt);
    else if (!attempt_lease_expired(attempt))
        term(dead_lettering, attempt, verdict->reason);
    fault_point("dead_lettering:term");
    return true;
}
