#include "tables/letter_summary.h"

#include "base/duration.h"
#include "base/text.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

enum { SHOWN_MOST = 3 };

static void count_reason(struct letter_summary *summary, const char *reason)
{
    char shown[SUMMARY_REASON_MAX];
    size_t i = 0;
    text_escape_most(reason, strlen(reason), SUMMARY_SHOWN, shown);
    while (i < summary->n_reasons && strcmp(summary->reasons[i].reason, shown) != 0)
        i++;
    if (i == SUMMARY_REASONS) /* one of the others */
        return;
    if (i == summary->n_reasons) {
        strcpy(summary->reasons[i].reason, shown);
        summary->n_reasons++;
    }
    summary->reasons[i].n++;
}

void letter_summary_add(struct letter_summary *summary, const struct letter *letter)
{
    count_reason(summary, letter->reason ? letter->reason : "");
    if (summary->n == 0 || letter->died_at < summary->oldest)
        summary->oldest = letter->died_at;
    if (summary->n == 0 || letter->died_at > summary->newest)
        summary->newest = letter->died_at;
    summary->n++;
}

/* The most frequent reason that is not shown yet, the earliest of several. */
static size_t next_reason(const struct letter_summary *summary, const bool *shown)
{
    size_t next = SUMMARY_REASONS;
    for (size_t i = 0; i < summary->n_reasons; i++)
        if (!shown[i] &&
            (next == SUMMARY_REASONS || summary->reasons[i].n > summary->reasons[next].n))
            next = i;
    return next;
}

static size_t write_reasons(const struct letter_summary *summary, char *text)
{
    bool shown[SUMMARY_REASONS] = {false};
    uint64_t others = summary->n;
    size_t used = 0, next;
    for (int i = 0; i < SHOWN_MOST; i++) {
        if ((next = next_reason(summary, shown)) == SUMMARY_REASONS)
            break;
        shown[next] = true;
        others -= summary->reasons[next].n;
        used += (size_t)snprintf(text + used, SUMMARY_TEXT_MAX - used, "%s%" PRIu64 " %s",
                                 used ? ", " : "", summary->reasons[next].n,
                                 summary->reasons[next].reason);
    }
    if (others > 0)
        used +=
            (size_t)snprintf(text + used, SUMMARY_TEXT_MAX - used, ", %" PRIu64 " other", others);
    return used;
}

const char *letter_summary_text(const struct letter_summary *summary, int64_t now,
                                char text[SUMMARY_TEXT_MAX])
{
    char oldest[DURATION_TEXT_MAX], newest[DURATION_TEXT_MAX];
    text[0] = '\0';
    if (summary->n == 0)
        return text;
    size_t used = write_reasons(summary, text);
    duration_age_text(now - summary->oldest, oldest);
    duration_age_text(now - summary->newest, newest);
    if (summary->n == 1)
        snprintf(text + used, SUMMARY_TEXT_MAX - used, "\ndied %s ago\n", oldest);
    else
        snprintf(text + used, SUMMARY_TEXT_MAX - used, "\noldest death %s ago, newest %s ago\n",
                 oldest, newest);
    return text;
}
