/* program_name: how the user calls this program, its two siblings, and the tools that our advice
 * uses, for messages with commands that can be pasted. Any thread.
 *
 * The programs may be installed with a prefix (natsq-dlq) and called by a path that is in no PATH.
 * Both are derived once from how this process was started. */
#ifndef NATSQ_PROGRAM_NAME_H
#define NATSQ_PROGRAM_NAME_H

#include <stdbool.h>

/* For usage lines and examples: "natsq-dlq" for "dlq". Other names are returned as they are. */
const char *program_name(const char *plain);

/* For commands: "/opt/natsq/bin/natsq-dlq", as a word of the shell, if this program was called by a
 * path, else its name. Of the tools, "nats" is found in the PATH or in the .deps/bin of our source
 * tree, where it is called by its path. */
const char *program_call(const char *plain);

/* A script of our source tree, such as "scripts/create-streams", as a word of the shell; NULL: it
 * is not there. */
const char *program_script(const char *plain);

/* Whether a program of this name is in the PATH. */
bool program_is_there(const char *name);

/* What creates streams: that script, or "nats stream add". */
const char *program_stream_maker(void);

/* ---- Pure */

enum { PROGRAM_CALL_MAX = 2048 };

struct program_place {
    char folder[PROGRAM_CALL_MAX - 256]; /* with its slash; empty: called without a path */
    char prefix[64];
};

/* Reads folder and prefix from the path by which one of our programs was called. Returns 0, or 1
 * when its name ends with none of theirs: then both are empty. */
int program_place_read(struct program_place *place, const char *path);

/* Whether the path can be executed. */
typedef int program_exists(const char *path);

/* The path of our program `plain`: with the prefix, or without where only that exists. */
const char *program_path(const struct program_place *place, const char *plain,
                         program_exists *exists, char path[PROGRAM_CALL_MAX]);

#endif
