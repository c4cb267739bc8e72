#include "nats/header_options.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { NAME_SHOWN = 100 };

int header_options_check(struct header_options *options, const char *option, const char *form,
                         header_options_fault *fault_of, struct error *error)
{
    options->list = calloc(options->texts.n + 1, sizeof *options->list);
    if (!options->list)
        return error_set(error, EX_OSERR, "out of memory");
    for (size_t i = 0; i < options->texts.n; i++) {
        const char *text = options->texts.text[i], *value;
        size_t length;
        if (!header_split(text, &length, &value))
            return error_set(error, EX_USAGE, "%s takes %s, not '%.100s'", option, form, text);
        const char *fault = fault_of(text, length, value, strlen(value));
        if (fault)
            return error_set(error, EX_USAGE, "%s '%.*s' %s", option,
                             (int)(length < NAME_SHOWN ? length : NAME_SHOWN), text, fault);
        char *name = strndup(text, length);
        if (!name)
            return error_set(error, EX_OSERR, "out of memory");
        options->list[options->n++] = (struct header){name, value};
    }
    return 0;
}

void header_options_release(struct header_options *options)
{
    for (size_t i = 0; i < options->n; i++)
        free((char *)(uintptr_t)options->list[i].name);
    free(options->list);
    free(options->texts.text);
    *options = (struct header_options){0};
}
