/* editor: the user's editor at the terminal. */
#ifndef NATSQ_EDITOR_H
#define NATSQ_EDITOR_H

#include "base/error.h"

/* Runs $VISUAL, $EDITOR or an installed editor on the file until it ends, through the shell, as git
 * does: the variable may hold arguments. Meanwhile Ctrl-C and Ctrl-\ are for the editor alone. A
 * stop ends the editor.
 *
 * -1: there is no editor (78), it failed, or a stop was requested (75). */
int editor_run(const char *path, struct error *error);

#endif
