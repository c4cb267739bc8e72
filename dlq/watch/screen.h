/* screen: the terminal while a program draws on it: the alternate screen, no cursor, and keys that
 * are read at once and not shown. It is restored however the program ends: by screen_close, exit, a
 * second signal, Ctrl-Z or a crash; SIGKILL alone leaves it.
 *
 * What is logged meanwhile would be drawn over: it is kept and written to stderr afterwards. The
 * state is global, since signal handlers restore it; one screen at a time. */
#ifndef NATSQ_SCREEN_H
#define NATSQ_SCREEN_H

#include "base/error.h"

#include <stdbool.h>
#include <stddef.h>

/* The terminal is stdout; keys come from stdin, if that is a terminal. From then on `q` requests a
 * stop. -1: 71. */
int screen_open(struct error *error);
void screen_close(void);

/* False: the terminal is gone. */
bool screen_draw(const void *bytes, size_t length);

#endif
