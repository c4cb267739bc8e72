/* stdout_relay: passes on what a handler writes to stdout, line by line through the output queue,
 * where it may not inherit our stdout: with --tag the job's sequence and a tab come first, and on a
 * terminal control characters are made visible. A line without an end gets one; a line that is too
 * long is passed on in pieces. */
#ifndef NATSQ_STDOUT_RELAY_H
#define NATSQ_STDOUT_RELAY_H

#include "base/buffer.h"
#include "handler/attempt.h"
#include "handler/handler_options.h"
#include "handler/output_queue.h"

enum { STDOUT_RELAY_MAX = 64 * 1024 };

struct stdout_relay {
    struct output_queue *queue; /* NULL: handlers inherit our stdout */
    const struct handler_options *options;
    int pipe; /* read end, nonblocking; -1: closed */
    uint64_t seq;
    struct buffer line; /* that is still incomplete */
    struct buffer full; /* complete, but the queue had no room */
    uint64_t end;       /* of our last line in the queue; 0: none */
};

void stdout_relay_init(struct stdout_relay *relay, const struct handler_options *options,
                       struct output_queue *queue);
void stdout_relay_release(struct stdout_relay *relay);

/* Output from now on belongs to the job `seq`. */
void stdout_relay_begin(struct stdout_relay *relay, uint64_t seq);

/* The descriptor to poll: -1 while there is no room for more, or none is open. */
int stdout_relay_readable(struct stdout_relay *relay);

/* Whether complete lines wait for room in the queue: stdout_relay_readable tries them again. */
bool stdout_relay_is_full(const struct stdout_relay *relay);

/* Reads once from the pipe; closes it at its end. */
void stdout_relay_read(struct stdout_relay *relay);

/* After the handler's exit: passes on what the pipe holds and closes it, without waiting for its
 * end (see stderr_relay_close); then waits until all is written, and renews the lease meanwhile.
 * False: stdout is broken, or the grace of a stop is over. */
bool stdout_relay_finish(struct stdout_relay *relay, struct attempt *attempt);

/* Closes the pipe and forgets what was read: the handler could not be started. */
void stdout_relay_abandon(struct stdout_relay *relay);

#endif
