/* start_line: the first line of the publisher's log: where the jobs come from and where they go. */
#ifndef NATSQ_START_LINE_H
#define NATSQ_START_LINE_H

struct connection;
struct publisher_options;

void start_line_log(const struct publisher_options *options, const struct connection *connection);

#endif
