/* prompt: a question at the terminal. */
#ifndef NATSQ_PROMPT_H
#define NATSQ_PROMPT_H

enum prompt_answer {
    PROMPT_YES,
    PROMPT_NO,      /* also at the end of the input */
    PROMPT_STOPPED, /* a stop was requested instead, as by Ctrl-C */
};

/* Shows "<question> [y/N] " on stderr, and waits for a line on stdin or for a stop. */
enum prompt_answer prompt_ask(const char *question);

#endif
