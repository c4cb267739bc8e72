/* edit_session: a job that a person edits, until the text is saved as a job, or given up. */
#ifndef NATSQ_EDIT_SESSION_H
#define NATSQ_EDIT_SESSION_H

#include "edit/edit_text.h"
#include "edit/private_file.h"

#include <signal.h>

struct edit_session {
    struct private_file file;
    struct sigaction hangup; /* what it did before */
    bool is_open, has_headers;
    struct buffer original; /* the text before */
    char *saved;            /* the text after, of `size` bytes */
    size_t size;
    struct edit_text before, after;
    struct job_edit edit; /* borrows from `after` */
};

/* Until it is closed, a hangup is a stop. The text of a job, whose message has its headers (NULL:
 * the body alone is edited). `name` is that of the file. */
int edit_session_open(struct edit_session *session, const char *name, natsMsg *headers,
                      const void *body, size_t length, struct error *error);

/* Runs the editor. 0: `edit` holds what was changed, perhaps nothing. 1: what was saved is not a
 * job, for the reason in `fault`. -1: nothing was saved. */
int edit_session_run(struct edit_session *session, char fault[EDIT_TEXT_FAULT_MAX],
                     struct error *error);

/* Wipes the text, in memory too; and the file, unless it is kept. */
void edit_session_close(struct edit_session *session);

#endif
