#include "edit_options.h"

#include "base/cleanup.h"
#include "base/whole_file.h"
#include "selection.h"
#include "verb.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

enum { BODY_MAX = 64 << 20 }; /* no server accepts a larger message */

const struct option_row edit_rows[] = {
    {"set-header", "'NAME: VALUE'",
     "retry: replace this header of each job; repeatable. 'NAME:' removes it", "'Priority: low'",
     .offset = offsetof(struct edit_options, headers.texts), .commands = VERB_EDITS,
     .kind = OPTION_TEXTS, .short_name = 'H'},
    {"headers", NULL, "edit: open the headers of the job as well, one a line before the body",
     .offset = offsetof(struct edit_options, headers_too), .commands = VERB_EDITOR,
     .kind = OPTION_FLAG},
    {0},
};

void edit_options_take_body(struct edit_options *options, struct selection *selection,
                            const struct verb *verb)
{
    struct selection others = *selection;
    others.body = NULL;
    if (!(verb->takes & VERB_EDITS) || !selection_is_one(&others))
        return;
    options->body = selection->body;
    selection->body = NULL;
}

static int check_editor(const struct selection *selection, const struct verb *verb,
                        struct error *error)
{
    if (!(verb->takes & VERB_EDITOR))
        return 0;
    if (!selection_is_one(selection))
        return error_set(error, EX_USAGE,
                         "%s takes one SEQ (see `list`), and --consumer NAME where it has letters "
                         "of several consumers",
                         verb->name);
    if (isatty(STDIN_FILENO) && isatty(STDOUT_FILENO) && isatty(STDERR_FILENO))
        return 0;
    return error_set(error, EX_USAGE,
                     "%s needs a terminal: without one, use `retry SEQ --body FILE` (- is stdin) "
                     "and -H 'NAME: VALUE'",
                     verb->name);
}

int edit_options_check(struct edit_options *options, const struct selection *selection,
                       const struct verb *verb, struct error *error)
{
    if (check_editor(selection, verb, error) < 0)
        return -1;
    struct header_options *headers = &options->headers;
    if (header_options_check(headers, "-H", "'NAME: VALUE', or 'NAME:' to remove it",
                             job_edit_header_fault, error) < 0)
        return -1;
    for (size_t i = 0; i < headers->n; i++)
        if (!*headers->list[i].value)
            headers->list[i].value = NULL;
    return 0;
}

static int read_body(const char *name, char **body, size_t *length, struct error *error)
{
    bool is_stdin = strcmp(name, "-") == 0;
    int file = is_stdin ? -1 : open(name, O_RDONLY | O_CLOEXEC);
    _cleanup_(cleanup_fd) int owned = file;
    if (!is_stdin && file < 0)
        return error_set(error, EX_NOINPUT,
                         "with one SEQ, --body names the FILE of the new body, and '%s' cannot be "
                         "opened: %s",
                         name, strerror(errno));
    if (whole_file_read(is_stdin ? STDIN_FILENO : file, BODY_MAX, body, length) == 0)
        return 0;
    if (errno == ECANCELED)
        return error_set(error, EX_TEMPFAIL, "stopped before anything was done");
    return error_set(error, EX_NOINPUT, "cannot read the body from %s: %s",
                     is_stdin ? "stdin" : name, strerror(errno));
}

int edit_options_read(const struct edit_options *options, struct job_edit *edit, char **body,
                      struct error *error)
{
    *edit = (struct job_edit){.headers = options->headers.list, .n_headers = options->headers.n};
    if (!options->body)
        return 0;
    if (read_body(options->body, body, &edit->length, error) < 0)
        return -1;
    edit->has_body = true;
    edit->body = *body;
    return 0;
}

void edit_options_release(struct edit_options *options)
{
    header_options_release(&options->headers);
}
