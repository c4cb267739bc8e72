/* edit_options: the options of `retry` and `edit` that change a job before it is put back. */
#ifndef NATSQ_EDIT_OPTIONS_H
#define NATSQ_EDIT_OPTIONS_H

#include "base/error.h"
#include "cli/options.h"
#include "job_edit.h"
#include "nats/header_options.h"

struct edit_options {
    const char *body; /* a FILE with the new body, "-" for stdin; NULL: the body stays */
    bool headers_too; /* edit: opens them as well */
    struct header_options headers; /* as in struct job_edit */
};

extern const struct option_row edit_rows[];

struct selection;
struct verb;

/* Takes --body from the selection where the verb edits and one SEQ is selected: a glob of bodies
 * would select nothing more there, and `retry SEQ --body FILE` gives the job another body. */
void edit_options_take_body(struct edit_options *options, struct selection *selection,
                            const struct verb *verb);

/* Reads the headers. -1 (64): one is not 'NAME: VALUE', or may not be changed; or the verb needs
 * one SEQ, or a terminal. */
int edit_options_check(struct edit_options *options, const struct selection *selection,
                       const struct verb *verb, struct error *error);

/* Fills in `edit`, which borrows from the options and from `*body`, which the caller frees. -1
 * (66): FILE cannot be read. */
int edit_options_read(const struct edit_options *options, struct job_edit *edit, char **body,
                      struct error *error);
void edit_options_release(struct edit_options *options);

#endif
