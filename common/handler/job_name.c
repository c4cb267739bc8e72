#include "handler/job_name.h"

#include "letter/letter.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

const struct job_name *job_name(struct job_name *name, const struct handler_options *options,
                                const struct job *job, uint64_t seq)
{
    char shown[TEXT_MAX];
    name->seq[0] = name->end[0] = '\0';
    if (options->shows_bodies) {
        job_body_text(job, name->text);
        snprintf(name->seq, sizeof name->seq, " (# %" PRIu64 ")", seq);
        if (!handler_is_builtin(options))
            strcpy(name->end, name->seq);
        return name;
    }
    const char *id = letter_job_id(job);
    int length = snprintf(name->text, sizeof name->text, "# %" PRIu64, seq);
    if (id && *id)
        snprintf(name->text + length, sizeof name->text - (size_t)length, " (%s)",
                 text_escape(id, strlen(id), shown));
    return name;
}
