#include "handler/handler_report.h"

#include "base/buffer.h"
#include "base/shell_word.h"
#include "base/stop_report.h"

#include <jansson.h>
#include <stdio.h>

static const char *const names[HANDLER_KINDS] = {
    [HANDLER_BUILTIN] = "built-in",
    [HANDLER_COMMAND] = "command",
    [HANDLER_COPROCESS] = "kept",
};

/* The COMMAND as it can be pasted into a shell; escaped and cut. */
static const char *command_text(const struct handler_options *options, char text[TEXT_MAX])
{
    _cleanup_(buffer_release) struct buffer words = {0};
    char quoted[SHELL_WORD_SIZE(TEXT_SHOWN)];
    for (char **word = options->command; *word && words.length <= TEXT_SHOWN; word++) {
        buffer_add_text(&words, words.length > 0 ? " " : "");
        buffer_add_text(&words, shell_word(*word, quoted, sizeof quoted));
    }
    return text_escape(words.bytes ? words.bytes : "", words.length, text);
}

const char *handler_text(const struct handler_options *options, char text[HANDLER_TEXT_MAX])
{
    char command[TEXT_MAX];
    size_t slots = handler_slots(options);
    if (handler_is_builtin(options))
        snprintf(text, HANDLER_TEXT_MAX, "1 slot, built-in handler");
    else
        snprintf(text, HANDLER_TEXT_MAX, "%zu slot%s, %shandler %s", slots, slots == 1 ? "" : "s",
                 handler_chosen(options) == HANDLER_COPROCESS ? "kept " : "",
                 command_text(options, command));
    return text;
}

json_t *handler_fields(const struct handler_options *options)
{
    char command[TEXT_MAX];
    return json_pack("{s:s, s:s*, s:I}", "handler", names[handler_chosen(options)], "command",
                     options->command ? command_text(options, command) : NULL, "slots",
                     (json_int_t)handler_slots(options));
}

void handler_report_stop(const struct handler_options *options, const struct handler_shared *shared,
                         const struct log *log)
{
    if (!handler_is_builtin(options)) /* it is instant */
        stop_report(log, atomic_load(&shared->running), "job runs", "jobs run", options->grace);
}
