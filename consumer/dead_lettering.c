#include "dead_lettering.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/fault_point.h"
#include "base/timestamp.h"
#include "letter/letter_fields.h"
#include "queue/ack.h"
#include "queue/stream.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

static const int64_t by_reference_delay = DURATION_HOUR;
static const int64_t warning_interval = 10 * DURATION_MINUTE;
static const int64_t settings_interval = 10 * DURATION_S;
enum { TERM_TRIES = 3 };

void dead_lettering_init(struct dead_lettering *dead_lettering, struct connection *connection,
                         struct requester *requester, const struct durable_spec *durable,
                         struct dead_lettering_warnings *warnings)
{
    *dead_lettering = (struct dead_lettering){.connection = connection,
                                              .requester = requester,
                                              .origin = durable->stream,
                                              .consumer = durable->name,
                                              .warnings = warnings};
    if (gethostname(dead_lettering->host, sizeof dead_lettering->host - 1) != 0)
        dead_lettering->host[0] = '\0';
}

void dead_lettering_release(struct dead_lettering *dead_lettering)
{
    letter_store_close(dead_lettering->store);
}

/* With a setting that is refused the letter would not be safe: its job stays in the origin. */
static int check_settings(struct dead_lettering *dead_lettering, struct error *error)
{
    int64_t now = clock_now(), last = dead_lettering->settings_checked_at;
    if (last > 0 && now - last < settings_interval)
        return 0;
    if (settings_check(&dead_lettering->settings, dead_lettering->requester, NULL, error) < 0)
        return -1;
    dead_lettering->settings_checked_at = now;
    return 0;
}

/* Finds the stream that stores letters. A stop interrupts the first look-up at most. */
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

static int ensure_store(struct dead_lettering *dead_lettering, const char *subject,
                        struct error *error)
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

static struct letter letter_for(const struct dead_lettering *dead_lettering,
                                const struct attempt *attempt, const struct verdict *verdict)
{
    struct letter letter = {
        .origin = dead_lettering->origin,
        .consumer = dead_lettering->consumer,
        .deliveries = attempt->job->delivery.deliveries,
        .reason = verdict->reason,
        .error = verdict->error[0] ? verdict->error : NULL,
        .host = dead_lettering->host,
        .died_at = timestamp_now(),
    };
    letter_about(&letter, attempt->job);
    return letter;
}

/* Whether a warning of this kind is due; if so, records that it was given. */
static bool is_warning_due(struct dead_lettering_warnings *warnings, enum puback_kind kind)
{
    int64_t now = clock_now();
    pthread_mutex_lock(&warnings->lock);
    bool is_due = warnings->kind != (int)kind || warnings->warned_at == 0 ||
                  now - warnings->warned_at >= warning_interval;
    warnings->kind = (int)kind;
    if (is_due)
        warnings->warned_at = now;
    pthread_mutex_unlock(&warnings->lock);
    return is_due;
}

static void warn(struct dead_lettering *dead_lettering, const struct letter *letter,
                 enum puback_kind kind, const char *why)
{
    if (is_warning_due(dead_lettering->warnings, kind))
        log_letter(connection_log(dead_lettering->connection), LOG_LEVEL_WARN, letter,
                   "no letter about # %" PRIu64
                   ": %s; such jobs stay in %s until their letters can be "
                   "stored",
                   letter->seq, why, dead_lettering->origin);
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
    letter_subject(letter, SUBJECT_DEAD, subject);
    if (ensure_store(dead_lettering, subject, &error) < 0) {
        warn(dead_lettering, letter, PUBACK_NO_STREAM, error.text);
        return false;
    }
    int put = letter_store_put(dead_lettering->store, SUBJECT_DEAD, letter, job, &outcome, &error);
    if (letter_store_flush(dead_lettering->store, &error) < 0 || put < 0) {
        warn(dead_lettering, letter, PUBACK_AGAIN, error.text);
        return false;
    }
    if (puback_confirms(&outcome))
        return true;
    warn(dead_lettering, letter, outcome.kind, why_not(dead_lettering, &outcome));
    return false;
}

/* Without the server's confirmation the job is redelivered, and its letter is found. */
static void terminate_job(struct dead_lettering *dead_lettering, const struct attempt *attempt,
                          const char *reason)
{
    char body[128];
    bool confirmed = false;
    snprintf(body, sizeof body, "+TERM %s", reason);
    for (int i = 0; i < TERM_TRIES && !confirmed && !attempt_lease_expired(attempt); i++)
        confirmed = ack_confirmed(dead_lettering->requester, attempt->job, body);
}

/* A job whose letter refers to its body has to stay in the origin, so it is redelivered. */
static void delay_redelivery(struct dead_lettering *dead_lettering, const struct attempt *attempt)
{
    if (!attempt_lease_expired(attempt) &&
        ack_retry(dead_lettering->connection, attempt->job, by_reference_delay) != NATS_OK)
        log_debug(connection_log(dead_lettering->connection),
                  "# %llu, dead-lettered by reference, may soon be redelivered",
                  (unsigned long long)attempt->seq);
}

bool dead_letter_job(struct dead_lettering *dead_lettering, struct attempt *attempt,
                     const struct verdict *verdict)
{
    struct letter letter = letter_for(dead_lettering, attempt, verdict);
    attempt_renew_lease(attempt);
    fault_point("dead_lettering:begin");
    if (!store_letter(dead_lettering, &letter, attempt->job))
        return false;
    fault_point("dead_lettering:letter");
    /* After its lease the job may be with another worker: it is redelivered, its letter is found,
     * and it is terminated then. */
    if (letter.by_reference)
        delay_redelivery(dead_lettering, attempt);
    else if (!attempt_lease_expired(attempt))
        terminate_job(dead_lettering, attempt, verdict->reason);
    fault_point("dead_lettering:term");
    return true;
}
