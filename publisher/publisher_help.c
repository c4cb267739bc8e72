#include "publisher_help.h"

const char publisher_usage[] = "SUBJECT [options] [FILE...]";

const char publisher_summary[] =
    "Publishes jobs to SUBJECT until the stream confirms each of them. The jobs come\n"
    "from FILEs or stdin with --lines, --null, --jsonl or --each-file. Without any of\n"
    "these it publishes 20 jobs, order-0, order-1, …, one a second, and logs each\n"
    "once it is confirmed; with --body one job.";

const char publisher_notes[] =
    "A job that is not confirmed within --timeout is sent again. It carries a message id, so the "
    "stream stores it once. Within the stream's duplicate window (2m), a second run with the same "
    "input and --id-prefix stores nothing twice either. It waits while a stream is full.\n"
    "Order: jobs of one subject are stored in the order of the input, unless one has to be sent "
    "again (no answer in time, an election, a full stream): it is stored after those that were in "
    "flight with it. --window 1 sends each job only after the previous one is confirmed: the order "
    "is strict, and each job costs a round trip.\n"
    "Without --body, --count and --interval, data that waits on stdin while no option says how to "
    "read it is a usage error. In a loop that reads stdin, give it < /dev/null.\n"
    "An empty line is an empty job (see --skip-empty). The last line needs no newline.\n"
    "With --jsonl, a job's own subject and id override SUBJECT and --id-prefix. SUBJECT may then "
    "be omitted: the first word is a FILE if a file of that name exists. A line that is not such "
    "an object, or has an unknown field, is reported with its location, and the rest is published. "
    "A byte order mark at the start of a line is skipped. Lines of `dlq export --jsonl` are taken "
    "as new jobs, like those that died, without natsq's notes on the death.\n"
    "--failed FILE is replaced at the end of the run. It holds the jobs that failed and, after a "
    "stop, the rest of the FILEs and the complete jobs read from a pipe. publisher --jsonl FILE "
    "sends them with the same ids. A bad line of --jsonl is copied unchanged, to be corrected. "
    "Only the owner can read the file. Neither FILE may be a symbolic link to a file.\n"
    "--checkpoint FILE is replaced every second and at the end. After a crash at any moment, the "
    "same command with the same --id-prefix and FILE leaves each job stored once, however long the "
    "first run took, if it starts within the duplicate window of the crash: jobs that FILE does "
    "not cover yet are sent again, and the stream recognizes them by their ids. Without a "
    "checkpoint this holds while both runs fit into the window. A job that fails blocks the "
    "position. A job that is refused for good (too large, not a job) does not: each run tries up "
    "to 1000 of these again, because they may have been corrected in place. A checkpoint of "
    "another input, prefix or SUBJECT is refused, but the input may have grown. A last line "
    "without a newline that is longer in the next run is another job, with the id P-NUMBER.LENGTH. "
    "Without --id-prefix FILE keeps the generated one. Only one publisher at a time can use FILE; "
    "a second one exits with 75.\n"
    "Each job is logged only with --log-level debug. The summary counts duplicates (jobs that the "
    "stream already had) among the confirmed.\n"
    "SIGINT or SIGTERM ends the run once the jobs in flight are confirmed; a second one "
    "immediately.\n";

const char publisher_examples[] =
    "  publisher orders.new\n"
    "  publisher orders.new --body '{\"order\": 17}' --id order-17\n"
    "  publisher orders.new --lines orders.txt more.txt\n"
    "  find . -name '*.png' -print0 | publisher orders.resize -0 -H 'Priority: low'\n"
    "  publisher orders.scan --each-file scans/*.pdf\n"
    "  publisher orders.new --lines orders.txt --id-prefix mon    safe to run again\n"
    "  publisher orders.new --lines big.txt --id-prefix mon --checkpoint mon.state\n"
    "  publisher orders.new --lines orders.txt --failed failed.jsonl\n"
    "  publisher --jsonl failed.jsonl --failed failed.jsonl\n"
    "  publisher --jsonl letters.jsonl    from `dlq export --jsonl`, perhaps edited\n";
