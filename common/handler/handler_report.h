/* handler_report: what consumer and dlq say about their handlers: at the start which one runs, at a
 * stop how many are waited for and until when. */
#ifndef NATSQ_HANDLER_REPORT_H
#define NATSQ_HANDLER_REPORT_H

#include "handler/handler.h"

struct json_t;

enum { HANDLER_TEXT_MAX = 1200 };

/* "1 slot, built-in handler", "4 slots, handler ./resize.sh"; a long
 * COMMAND is cut. Returns `text`. */
const char *handler_text(const struct handler_options *options, char text[HANDLER_TEXT_MAX]);

/* The same as members of a JSON object; the caller owns it. */
struct json_t *handler_fields(const struct handler_options *options);

/* After a stop was requested: if handlers run, logs how many and when their grace ends. */
void handler_report_stop(const struct handler_options *options, const struct handler_shared *shared,
                         const struct log *log);

#endif
