/* watch_record: what is known of a queue as a line for programs. Pure. */
#ifndef NATSQ_WATCH_RECORD_H
#define NATSQ_WATCH_RECORD_H

#include "watch/watch.h"

enum { WATCH_RECORD_MAX = 1024 };

/* `time=… pending=12 …`: numbers, ages in seconds; a `-` for what is not known or does not exist.
 * While the server does not answer: `time=… no_answer=12`. `now` in ns since 1970. */
const char *watch_record_text(const struct watch *watch, int64_t now, int64_t silence,
                              char text[WATCH_RECORD_MAX]);

/* The same as a JSON object, with null for `-`, and with the consumers and the errors, each in an
 * array. The caller owns it. */
struct json_t *watch_record_json(const struct watch *watch, int64_t now, int64_t silence);

#endif
