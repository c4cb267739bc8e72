/* header_options: the headers that an option gives, as 'NAME: VALUE'. */
#ifndef NATSQ_HEADER_OPTIONS_H
#define NATSQ_HEADER_OPTIONS_H

#include "base/error.h"
#include "cli/option_row.h"
#include "nats/header.h"

/* Initialize it with {0}. */
struct header_options {
    struct option_texts texts; /* of the option, OPTION_TEXTS */
    struct header *list;       /* owned, with their names; the values are in the texts */
    size_t n;
};

/* NULL, or what is wrong with a header (header_fault). */
typedef const char *header_options_fault(const char *name, size_t name_length, const char *value,
                                         size_t value_length);

/* Splits the texts. `option` and the `form` that it takes are for the error. -1 (64): a text is
 * not of that form, or has a fault. */
int header_options_check(struct header_options *options, const char *option, const char *form,
                         header_options_fault *fault_of, struct error *error);

void header_options_release(struct header_options *options);

#endif
