#include "watch/letter_census.h"

#include "base/clock.h"
#include "base/duration.h"
#include "base/stop.h"
#include "dlq.h"
#include "letters/letter_counts.h"
#include "queue/stream_reader.h"
#include "tables/normalize_error.h"

#include <jansson.h>
#include <string.h>

/* To judge advisories, each one's job and letter are looked up. */
enum { JUDGED_MOST = 1000, NORMALIZED_MAX = 1024 };
static const int64_t judge_again = 10 * DURATION_S;

/* All letters are read again in at most this part of the time. */
enum { PAUSE_PER_PASS = 20 };

static void tally_clear(struct letter_tally *tally)
{
    json_decref(tally->groups);
    *tally = (struct letter_tally){0};
}

void letter_census_clear(struct letter_census *census)
{
    tally_clear(&census->whole);
    tally_clear(&census->recount);
}

const struct letter_tally *letter_census_tally(const struct letter_census *census)
{
    return census->whole.groups ? &census->whole : &census->recount;
}

static void add(struct letter_tally *tally, struct job *message, const char *origin)
{
    struct letter_entry entry;
    char normalized[NORMALIZED_MAX];
    tally->next_seq = message->delivery.seq + 1;
    letter_entry_read(&entry, message, origin);
    const char *error = entry.letter.error;
    letter_groups_add(tally->groups,
                      error ? normalize_error(error, normalized, sizeof normalized)
                            : entry.letter.reason,
                      &entry, NULL);
    tally->read++;
    letter_entry_clear(&entry);
}

/* Waiting and held letters in the order in which they were stored. 0; 1: the end; -1. */
static int read_on(struct letter_tally *tally, const struct queue_look *look, const struct dlq *dlq,
                   int64_t until, struct error *error)
{
    _cleanup_(cleanup_stream_reader) struct stream_reader *reader = NULL;
    const char *origin = dlq->options->origin;
    char filter[LETTER_SUBJECT_MAX];
    if (look->letters.last_seq < tally->next_seq)
        return 1;
    int result = stream_reader_open(&reader, dlq->connection, dlq->options->stream,
                                    letter_filter("*", origin, NULL, 0, filter),
                                    tally->next_seq ? tally->next_seq : dlq->first_seq, error);
    if (result == 0)
        stream_reader_end_at(reader, look->letters.last_seq);
    while (result == 0 && clock_now() < until) {
        struct job message = {0};
        result = stream_reader_next(reader, &message, error);
        if (result == 0)
            add(tally, &message, origin);
    }
    if (result == 1)
        tally->next_seq = look->letters.last_seq + 1;
    return result;
}

static int begin_pass(struct letter_census *census, struct error *error)
{
    tally_clear(&census->recount);
    census->recount.groups = json_object();
    census->took = 0;
    return census->recount.groups ? 0 : error_set(error, EX_OSERR, "out of memory");
}

static void end_pass(struct letter_census *census)
{
    tally_clear(&census->whole);
    census->whole = census->recount;
    census->recount = (struct letter_tally){0};
    census->ended = clock_now();
}

/* Letters were removed since they were read: which, only a new pass can tell. */
static bool is_outdated(const struct letter_census *census, const struct queue_look *look)
{
    uint64_t letters = look->stored[DLQ_DEAD].n + look->stored[DLQ_HELD].n;
    return census->whole.read > letters &&
           clock_now() - census->ended >= PAUSE_PER_PASS * census->took;
}

/* A server that does not answer will answer the next look. */
static int take_failure(struct letter_census *census, struct error *error)
{
    census->is_unreadable = error->exit_code == EX_NOPERM || error->exit_code == EX_CONFIG;
    return error->exit_code == EX_OSERR ? -1 : 0;
}

/* They are judged against the origin and its consumers too, where more may change unseen. */
static bool is_judged_still(const struct letter_census *census, const struct queue_look *look)
{
    return census->is_judged && census->judged_seq == look->letters.last_seq &&
           census->judged_messages == look->letters.messages &&
           clock_now() - census->judged < judge_again;
}

static int judge(struct letter_census *census, const struct queue_look *look, struct dlq *dlq,
                 struct error *error)
{
    struct letter_counts counts;
    uint64_t advisories = look->stored[DLQ_ADVISORIES].n;
    if (advisories > 0 && is_judged_still(census, look))
        return 0;
    census->announced = advisories;
    census->is_judged = advisories == 0;
    if (advisories == 0 || advisories > JUDGED_MOST || census->cannot_judge)
        return 0;
    if (letter_counts_read(&counts, dlq, READ_ANNOUNCED, error) < 0)
        return take_failure(census, error);
    census->cannot_judge = !counts.is_complete && !stop_requested();
    if (!counts.is_complete)
        return 0;
    census->announced = counts.n[LETTER_ANNOUNCED];
    census->is_judged = true;
    census->judged = clock_now();
    census->judged_seq = look->letters.last_seq;
    census->judged_messages = look->letters.messages;
    return 0;
}

int letter_census_update(struct letter_census *census, const struct queue_look *look,
                         struct dlq *dlq, int64_t budget, struct error *error)
{
    int64_t begin = clock_now();
    if (!look->stored[DLQ_DEAD].is_known) /* we may not read the stream */
        return 0;
    bool is_first = !census->whole.groups && !census->recount.groups;
    if (judge(census, look, dlq, error) < 0)
        return -1;
    if (census->is_unreadable || !look->has_letters)
        return 0;
    if ((is_first || (!census->recount.groups && is_outdated(census, look))) &&
        begin_pass(census, error) < 0)
        return -1;
    bool is_pass = census->recount.groups != NULL;
    int result =
        read_on(is_pass ? &census->recount : &census->whole, look, dlq, begin + budget, error);
    census->took += is_pass ? clock_now() - begin : 0;
    if (is_pass && result == 1)
        end_pass(census);
    return result < 0 ? take_failure(census, error) : 0;
}
