/* waiting_input: whether data waits on stdin that no option asks for, as in
 * `echo hi | publisher orders.new`. */
#ifndef NATSQ_WAITING_INPUT_H
#define NATSQ_WAITING_INPUT_H

#include <stdbool.h>

/* Waits for data for up to 200 ms where stdin is a pipe or a socket, and consumes nothing. False at
 * its end, and where stdin is a terminal, /dev/null or an empty file. */
bool waiting_input(int fd);

#endif
