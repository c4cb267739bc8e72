#include "letters/action_report.h"

#include "base/stop.h"
#include "dlq.h"
#include "letters/listing.h"

#include <inttypes.h>
#include <jansson.h>
#include <stdarg.h>
#include <stdio.h>

enum { SAID_MOST = 10 }; /* of those that are left, one by one */

void tally_begin(struct tally *tally, const struct dlq *dlq, const char *did, const char *already)
{
    *tally = (struct tally){.dlq = dlq, .did = did, .already = already};
    tty_progress_begin(&tally->progress);
}

static void show_progress(struct tally *tally)
{
    char left[40] = "";
    if (tally->left)
        snprintf(left, sizeof left, ", %" PRIu64 " left", tally->left);
    tty_progress_show(&tally->progress, "%" PRIu64 " %s%s", tally->done, tally->did, left);
}

static void print(const struct tally *tally, const struct entry *entry, const char *what,
                  const char *why)
{
    if (!tally->dlq->options->json)
        return;
    json_t *object = listing_name(entry);
    json_object_set_new(object, "did", json_string(what));
    if (why)
        json_object_set_new(object, "why", listing_text(why));
    listing_print(object);
}

void tally_done(struct tally *tally, const struct entry *entry)
{
    tally->done++;
    print(tally, entry, tally->did, NULL);
    show_progress(tally);
}

void tally_already(struct tally *tally, const struct entry *entry)
{
    tally->found++;
    print(tally, entry, tally->already, NULL);
    show_progress(tally);
}

void tally_alive(struct tally *tally, const struct entry *entry)
{
    char name[24];
    tty_progress_wipe(&tally->progress);
    if (++tally->alive <= SAID_MOST)
        log_warn(tally->dlq->log,
                 "# %s is alive again in %s and stays there: its letter is settled",
                 entry_name(entry, name), tally->dlq->options->origin);
    print(tally, entry, "settled", "its job is alive again in the origin");
}

void tally_left(struct tally *tally, const struct entry *entry, const char *format, ...)
{
    char why[400], name[24];
    va_list words;
    va_start(words, format);
    vsnprintf(why, sizeof why, format, words);
    va_end(words);
    tty_progress_wipe(&tally->progress);
    if (++tally->left <= SAID_MOST)
        log_warn(tally->dlq->log, "# %s is left as it is: %s", entry_name(entry, name), why);
    if (tally->left == SAID_MOST)
        log_warn(tally->dlq->log, "what else is left is only counted");
    print(tally, entry, "left", why);
}

static bool keeps_record(const struct tally *tally)
{
    return tally->dlq->options->json && !tally->dlq->options->dry_run;
}

size_t tally_batch(const struct tally *tally, size_t most)
{
    if (!keeps_record(tally))
        return most;
    return !tally->can_record ? 1 : most < READ_BATCH ? most : READ_BATCH;
}

int tally_record(struct tally *tally, struct error *error)
{
    if (!keeps_record(tally))
        return 0;
    if (listing_record(error) < 0)
        return error_set(error, EX_IOERR,
                         "standard output cannot be written, and with --json it is the record of "
                         "what is done: stopped, run it again for the rest");
    tally->can_record = tally->done + tally->found + tally->alive + tally->left > 0;
    return 0;
}

int tally_end(struct tally *tally, struct error *error)
{
    char found[64] = "", alive[64] = "", left[64] = "";
    tty_progress_wipe(&tally->progress);
    if (tally->found)
        snprintf(found, sizeof found, ", %" PRIu64 " %s", tally->found, tally->already);
    if (tally->alive)
        snprintf(alive, sizeof alive, ", %" PRIu64 " alive again", tally->alive);
    if (tally->left)
        snprintf(left, sizeof left, ", %" PRIu64 " left", tally->left);
    log_info(tally->dlq->log, "%" PRIu64 " %s%s%s%s", tally->done, tally->did, found, alive, left);
    if (tally_record(tally, error) < 0 || listing_end(error) < 0)
        return -1;
    if (tally->left)
        return error_set(error, EX_TEMPFAIL, "%" PRIu64 " left as they are: run it again",
                         tally->left);
    if (stop_requested())
        return error_set(error, EX_TEMPFAIL, "stopped before the end: run it again for the rest");
    return 0;
}
