#include "verbs/verbs.h"

#include "base/stop.h"
#include "bulk/bulk_action.h"
#include "bulk/letter_retrier.h"
#include "dlq.h"
#include "edit/edit_session.h"
#include "letters/letter_body.h"
#include "letters/requeuer.h"
#include "streams/settings_watch.h"

struct edit {
    struct dlq *dlq;
    struct letter_entry entry;
    struct stored_message original;
    const struct job *body; /* the letter or, by reference, the original; NULL: it is gone */
    struct edit_session session;
    char name[24];
};

/* The held letter that is selected. */
static int find_letter(struct edit *edit, struct error *error)
{
    _cleanup_(cleanup_letter_reader) struct letter_reader *reader = NULL;
    struct letter_entry entry;
    size_t held = 0, others = 0;
    int result;
    if (letter_reader_open(&reader, edit->dlq, READ_WAITING | READ_HELD, error) < 0)
        return -1;
    while ((result = letter_reader_next(reader, &entry, error)) == 0) {
        if (entry.state == LETTER_HELD && held++ == 0) {
            edit->entry = entry;
            continue;
        }
        others += entry.state != LETTER_HELD;
        letter_entry_clear(&entry);
    }
    if (result < 0 || letter_reader_check_seqs(reader, error) < 0)
        return -1;
    if (held == 1)
        return 0;
    if (held == 0 && others == 0)
        return error_set(error, EX_TEMPFAIL, "stopped before anything was done");
    return error_set(error, EX_UNAVAILABLE,
                     held ? "it has letters of several consumers: give --consumer NAME"
                          : "the letter is not held yet: `run` decides it, `hold` holds it");
}

/* With --headers, those that the editor shows above the body. */
static int read_headers(const struct edit *edit, struct job *headers, struct error *error)
{
    const struct letter_entry *entry = &edit->entry;
    bool is_letter = !edit->body || edit->body == &entry->message;
    if (!edit->dlq->options->edit.headers_too)
        return 0;
    return requeuer_headers(&entry->letter, is_letter ? &entry->message : edit->body, is_letter,
                            headers, error);
}

static int open_session(struct edit *edit, struct error *error)
{
    _cleanup_(job_clear) struct job headers = {0};
    char name[64];
    size_t length = 0;
    if (letter_body_find(edit->dlq->requester, &edit->entry.letter, &edit->entry.message,
                         &edit->original, &edit->body, error) < 0 ||
        read_headers(edit, &headers, error) < 0)
        return -1;
    const char *body = edit->body ? job_body(edit->body, &length) : "";
    bool is_json = !headers.message && length > 0 && (*body == '{' || *body == '[');
    snprintf(name, sizeof name, "job-%s.%s", letter_entry_name(&edit->entry, edit->name),
             is_json ? "json" : "txt");
    return edit_session_open(&edit->session, name, headers.message, body, length, error);
}

static int keep_text(struct edit *edit, struct error *error)
{
    private_file_keep(&edit->session.file, true);
    return error_add(error, "; the edited text is in '%s'", edit->session.file.path);
}

/* 0: something was changed. 1: nothing was, or the person gave up. */
static int edit_text(struct edit *edit, struct error *error)
{
    char fault[EDIT_TEXT_FAULT_MAX];
    const struct dlq *dlq = edit->dlq;
    for (int result; (result = edit_session_run(&edit->session, fault, error)) != 0;) {
        if (result < 0)
            return -1;
        log_warn(dlq->log, "what was saved is not a job: %s", fault);
        int answer = dlq->options->yes ? 1 : bulk_action_ask(dlq, "edit it again?", error);
        if (answer == 0)
            continue;
        if (answer == 1)
            error_set(error, EX_DATAERR, "what was saved is not a job: %s", fault);
        return keep_text(edit, error);
    }
    bool is_empty = edit->session.size == 0 && edit->session.has_headers;
    if (!is_empty && !job_edit_is_empty(&edit->session.edit))
        return 0;
    log_info(dlq->log, "# %s is %s: nothing was retried", edit->name,
             is_empty ? "saved as an empty file" : "unchanged");
    return 1;
}

/* An empty body is rarely meant. 0: go on; 1: the answer was no; -1: a stop was requested. */
static int ask_about_empty(const struct edit *edit, struct error *error)
{
    char question[64];
    if (!edit->session.edit.has_body || edit->session.edit.length > 0)
        return 0;
    snprintf(question, sizeof question, "retry # %s with an empty body?", edit->name);
    return bulk_action_ask(edit->dlq, question, error);
}

/* Editing takes a while. */
static int check_still_there(const struct edit *edit, struct error *error)
{
    const struct dlq *dlq = edit->dlq;
    struct stored_message letter = {.stream = dlq->options->stream,
                                    .seq = edit->entry.message.delivery.seq};
    int result = stored_messages_fetch(dlq->requester, &letter, 1, error);
    stored_messages_clear(&letter, 1);
    if (result < 0 || letter.result == STORED_THERE)
        return result;
    return letter.result == STORED_GONE
               ? error_set(error, EX_UNAVAILABLE,
                           "the letter of # %s was retried, discarded or replaced meanwhile: "
                           "nothing was retried",
                           edit->name)
               : error_set(error, EX_TEMPFAIL,
                           "the server did not say whether the letter of # %s is still there",
                           edit->name);
}

static int retry_edited(struct edit *edit, struct error *error)
{
    _cleanup_(cleanup_letter_retrier) struct letter_retrier *retrier = NULL;
    struct action_report report;
    if (check_still_there(edit, error) < 0 ||
        letter_retrier_open(&retrier, edit->dlq, edit->dlq->settings->origin_config,
                            &edit->session.edit, error) < 0)
        return -1;
    action_report_begin(&report, edit->dlq, "retried", "back already");
    int result = letter_retrier_run(retrier, &edit->entry, 1, &report, error);
    struct error ignored = {0};
    int ended = action_report_end(&report, result < 0 ? &ignored : error);
    if (result < 0 || ended < 0)
        return -1;
    return report.alive
               ? error_set(error, EX_UNAVAILABLE, "# %s is alive again in %s and was not edited",
                           edit->name, edit->dlq->options->origin)
               : 0;
}

static int edit_and_retry(struct edit *edit, struct error *error)
{
    if (find_letter(edit, error) < 0 || open_session(edit, error) < 0)
        return -1;
    int result = edit_text(edit, error);
    if (result == 0)
        result = ask_about_empty(edit, error);
    if (result != 0)
        return result;
    private_file_keep(&edit->session.file, true);
    if (retry_edited(edit, error) < 0)
        return keep_text(edit, error);
    private_file_keep(&edit->session.file, false);
    return 0;
}

int verb_edit(struct dlq *dlq, struct error *error)
{
    struct edit edit = {.dlq = dlq};
    int result = edit_and_retry(&edit, error);
    edit_session_close(&edit.session);
    stored_messages_clear(&edit.original, 1);
    letter_entry_clear(&edit.entry);
    return result;
}
