#include "edit/edit_session.h"

#include "base/cleanup.h"
#include "base/stop.h"
#include "edit/editor.h"

static void request_stop(int number)
{
    (void)number;
    stop_request();
}

/* A terminal that is closed leaves no file behind, whether the editor or a question is on it. */
static void stop_on_hangup(struct edit_session *session)
{
    const struct sigaction stop = {.sa_handler = request_stop, .sa_flags = SA_RESTART};
    sigaction(SIGHUP, NULL, &session->hangup);
    if (session->hangup.sa_handler != SIG_IGN)
        sigaction(SIGHUP, &stop, NULL);
}

int edit_session_open(struct edit_session *session, const char *name, natsMsg *headers,
                      const void *body, size_t length, struct error *error)
{
    char unused[EDIT_TEXT_FAULT_MAX];
    *session = (struct edit_session){.is_open = true, .has_headers = headers != NULL};
    stop_on_hangup(session);
    edit_text_write(&session->original, headers, body, length);
    if (session->original.failed)
        return error_set(error, EX_OSERR, "out of memory");
    const struct buffer *text = &session->original;
    if (private_file_open(&session->file, name, text->bytes, text->length, error) < 0)
        return -1;
    const char *fault =
        edit_text_read(&session->before, text->bytes, text->length, session->has_headers, unused);
    return fault ? error_set(error, EX_SOFTWARE, "the job cannot be edited: %s", fault) : 0;
}

static void forget_saved(struct edit_session *session)
{
    if (session->saved)
        explicit_bzero(session->saved, session->size);
    free(take(session->saved));
    edit_text_release(&session->after);
}

int edit_session_run(struct edit_session *session, char fault[EDIT_TEXT_FAULT_MAX],
                     struct error *error)
{
    forget_saved(session);
    if (editor_run(session->file.path, error) < 0 ||
        private_file_read(&session->file, &session->saved, &session->size, error) < 0)
        return -1;
    const char *why =
        edit_text_read(&session->after, session->saved, session->size, session->has_headers, fault);
    if (!why)
        why = edit_text_compare(&session->before, &session->after, &session->edit, fault);
    if (why && why != fault)
        snprintf(fault, EDIT_TEXT_FAULT_MAX, "%s", why);
    return why ? 1 : 0;
}

void edit_session_close(struct edit_session *session)
{
    forget_saved(session);
    edit_text_release(&session->before);
    if (session->original.bytes)
        explicit_bzero(session->original.bytes, session->original.length);
    buffer_release(&session->original);
    private_file_close(&session->file);
    if (session->is_open)
        sigaction(SIGHUP, &session->hangup, NULL);
}
