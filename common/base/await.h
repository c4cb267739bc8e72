/* await: the loop behind --wait at startup: a step that fails because something is not available
 * yet (69) is repeated until it succeeds or a stop is requested.
 *
 *     struct await await = {.wait = wait, .log = log};
 *     do
 *         result = step(…, error);
 *     while (await_again(&await, &result, error)); */
#ifndef NATSQ_AWAIT_H
#define NATSQ_AWAIT_H

#include "base/error.h"
#include "base/log.h"

struct await {
    bool wait; /* --wait was given */
    const struct log *log;
    bool is_logged;
};

/* True: repeat the step, after a pause. False: `result` is final, or was set to 1 because of a
 * stop. Logs once what it waits for. */
bool await_again(struct await *await, int *result, const struct error *error);

#endif
