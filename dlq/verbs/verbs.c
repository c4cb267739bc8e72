#include "verbs/verbs.h"

#include "letter_state.h"

/* In the order in which --help and the errors list them. */
const struct verb verbs[] = {
    {"run",
     "collect each dead job as a letter in DLQ_STREAM and put it back for\n"
     "           fresh attempts, --retries times; then hold it for a person. This is\n"
     "           the default. With a COMMAND, run that for each letter instead: on\n"
     "           success the job is gone, otherwise it is held",
     VERB_RUN | VERB_SWEEP, .run = verb_run},
    {"list",
     "print a table of the dead jobs: announced by the server, waiting for\n"
     "           `run`, or held",
     VERB_READS | VERB_SELECT | VERB_JSON | VERB_TABLE, .run = verb_list},
    {"show", "print all about a letter: headers, reason, error and body",
     VERB_READS | VERB_SELECT | VERB_NEEDS | VERB_JSON | VERB_RAW, .run = verb_show},
    {"stats",
     "count jobs and letters, also by reason, consumer, subject, age and\n"
     "           error, and show the room in both streams",
     VERB_READS | VERB_SELECT | VERB_JSON | VERB_BY, .run = verb_stats},
    {"watch",
     "show the numbers of `stats`, the pace and the most frequent errors,\n"
     "           renewed --every D until q or Ctrl-C; without a terminal, print a\n"
     "           line each time",
     VERB_READS | VERB_JSON | VERB_EVERY, .run = verb_watch},
    {"retry", "put held jobs back into the queue for fresh attempts",
     VERB_SELECT | VERB_NEEDS | VERB_DRY | VERB_ASKS | VERB_JSON | VERB_RATE | VERB_TO | VERB_EDITS,
     1 << LETTER_HELD, .run = verb_retry},
    {"edit", "open the job of a held letter in an editor, put back what was saved",
     VERB_SELECT | VERB_ASKS | VERB_TO | VERB_EDITOR, 1 << LETTER_HELD, .run = verb_edit},
    {"discard", "delete held letters for good",
     VERB_SELECT | VERB_NEEDS | VERB_DRY | VERB_ASKS | VERB_JSON, 1 << LETTER_HELD,
     .run = verb_discard},
    {"export", "write letters to FILE or stdout; the stream keeps them",
     VERB_READS | VERB_SELECT | VERB_FILE | VERB_JSONL | VERB_OVERWRITES,
     1 << LETTER_WAITING | 1 << LETTER_HELD, .run = verb_export},
    {"import", "restore the letters in FILE or stdin as held letters",
     VERB_SELECT | VERB_FILE | VERB_DRY | VERB_ASKS | VERB_JSON | VERB_REPLACE,
     1 << LETTER_WAITING | 1 << LETTER_HELD, .run = verb_import},
    {"hold",
     "hold all announced jobs and waiting letters, so that `run` does not\n"
     "           decide them",
     VERB_ALL | VERB_DRY | VERB_ASKS | VERB_JSON, .run = verb_hold},
    {"sweep",
     "write letters for jobs that died unnoticed; `run` sweeps too\n"
     "           (--sweep-every)",
     VERB_SWEEP | VERB_DRY | VERB_JSON | VERB_YES, .run = verb_sweep},
    {"doctor",
     "check server, streams, consumers, permissions and jobs, and say what\n"
     "           to do",
     VERB_CHECKS | VERB_JSON, .run = verb_doctor, .run_unconnected = verb_doctor_unconnected},
    {0},
};
