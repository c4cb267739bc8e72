/* shell_word: a text as one word of a shell command, for commands that the user is to paste. Names
 * of streams and consumers may hold quotes, `$` and `;`. Pure. */
#ifndef NATSQ_SHELL_WORD_H
#define NATSQ_SHELL_WORD_H

#include <stddef.h>

/* Room for the quoted form of `length` bytes. */
#define SHELL_WORD_SIZE(length) (4 * (length) + 3)

/* Returns `text`: the word, in single quotes if the shell would interpret any of it. What does
 * not fit into `size` is cut off before a byte of the word, and the quotes are closed. */
const char *shell_word(const char *word, char *text, size_t size);

#endif
