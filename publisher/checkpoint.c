#include "checkpoint.h"

#include "duration.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <jansson.h>
#include <sodium.h>
#include <string.h>

enum { VERSION = 1, HASH_BYTES = crypto_generichash_BYTES_MIN, HEX_MAX = 2 * HASH_BYTES + 1 };

/* Jobs between the first that is not settled and the last that was sent. More than any window, so
 * that one job that is tried again does not hold the others at once. */
enum { SPAN = 1 << 16 };

static const int64_t write_every = DURATION_S;

enum state { OPEN, CONFIRMED, FAILED, LEFT_OUT };

struct mark {
    unsigned char hash[HASH_BYTES]; /* of all jobs up to this one */
    unsigned char state;
};

struct checkpoint {
    const char *path;
    char *part, *prefix;
    const char *subject, *source;
    uint64_t begin;                       /* jobs before it were confirmed by an earlier run */
    unsigned char hash_begin[HASH_BYTES]; /* of these, as the file has it */
    bool verified;
    unsigned char hash[HASH_BYTES]; /* of all jobs so far */
    uint64_t passed;
    uint64_t position, next; /* jobs before position are confirmed; from next on not seen */
    unsigned char hash_position[HASH_BYTES];
    uint64_t written; /* the position in the file */
    int64_t written_at;
    bool held;          /* by a job at `position` that failed */
    struct mark *marks; /* a ring */
};

static const char *source_of(const struct publisher_options *options)
{
    return options->lines       ? "lines"
           : options->null      ? "null"
           : options->jsonl     ? "jsonl"
           : options->each_file ? "each-file"
                                : "count";
}

static int refuse(const struct checkpoint *checkpoint, const char *what, const char *theirs,
                  const char *ours, struct error *error)
{
    return error_set(error, EX_CONFIG,
                     "the checkpoint '%.200s' is of another %s: '%.200s', not '%.200s'; remove it "
                     "to begin anew",
                     checkpoint->path, what, theirs, ours);
}

static int no_checkpoint(const struct checkpoint *checkpoint, struct error *error)
{
    return error_set(error, EX_CONFIG, "'%s' is not a checkpoint of publisher", checkpoint->path);
}

/* Whether the file is of this run; takes its prefix when none is given. */
static int compare(struct checkpoint *checkpoint, const char *prefix, const char *subject,
                   const char *source, struct error *error)
{
    if (checkpoint->prefix && strcmp(prefix, checkpoint->prefix) != 0)
        return refuse(checkpoint, "--id-prefix", prefix, checkpoint->prefix, error);
    if (strcmp(subject, checkpoint->subject) != 0)
        return refuse(checkpoint, "SUBJECT", subject, checkpoint->subject, error);
    if (strcmp(source, checkpoint->source) != 0)
        return refuse(checkpoint, "kind of input", source, checkpoint->source, error);
    if (!checkpoint->prefix && !(checkpoint->prefix = strdup(prefix)))
        return error_set(error, EX_OSERR, "out of memory");
    return 0;
}

/* It becomes part of a header. */
static bool is_prefix(const char *prefix)
{
    size_t length = strlen(prefix);
    return length <= PUBLISHER_ID_PREFIX_MAX && !header_id_fault(prefix, length);
}

static int take_file(struct checkpoint *checkpoint, json_t *root, struct error *error)
{
    const char *prefix, *subject, *source, *hash, *end;
    int version;
    json_int_t position;
    size_t length;
    if (json_unpack(root, "{s:i, s:s, s:s, s:s, s:I, s:s!}", "natsq_checkpoint", &version,
                    "id_prefix", &prefix, "subject", &subject, "source", &source, "confirmed",
                    &position, "hash", &hash) < 0 ||
        version != VERSION || position < 0 || !is_prefix(prefix) ||
        sodium_hex2bin(checkpoint->hash_begin, HASH_BYTES, hash, strlen(hash), NULL, &length,
                       &end) < 0 ||
        length != HASH_BYTES || *end)
        return no_checkpoint(checkpoint, error);
    checkpoint->begin = checkpoint->position = checkpoint->next = (uint64_t)position;
    memcpy(checkpoint->hash_position, checkpoint->hash_begin, HASH_BYTES);
    return compare(checkpoint, prefix, subject, source, error);
}

/* 0 also when there is none. */
static int read_file(struct checkpoint *checkpoint, struct error *error)
{
    _cleanup_(cleanup_file) FILE *file = fopen(checkpoint->path, "re");
    if (!file && errno == ENOENT)
        return 0;
    if (!file)
        return error_set(error, EX_CONFIG, "cannot read '%s': %s", checkpoint->path,
                         strerror(errno));
    json_t *root = json_loadf(file, 0, NULL);
    int result = root ? take_file(checkpoint, root, error) : no_checkpoint(checkpoint, error);
    json_decref(root);
    return result;
}

int checkpoint_open(struct checkpoint **opened, const struct publisher_options *options,
                    const char *made_up, struct error *error)
{
    _cleanup_(cleanup_checkpoint) struct checkpoint *checkpoint = calloc(1, sizeof *checkpoint);
    if (!checkpoint)
        return error_set(error, EX_OSERR, "out of memory");
    checkpoint->path = options->checkpoint;
    checkpoint->subject = options->subject ? options->subject : "";
    checkpoint->source = source_of(options);
    checkpoint->marks = calloc(SPAN, sizeof *checkpoint->marks);
    if (asprintf(&checkpoint->part, "%s.part", checkpoint->path) < 0)
        checkpoint->part = NULL;
    if (options->id_prefix)
        checkpoint->prefix = strdup(options->id_prefix);
    if (!checkpoint->marks || !checkpoint->part || (options->id_prefix && !checkpoint->prefix))
        return error_set(error, EX_OSERR, "out of memory");
    if (read_file(checkpoint, error) < 0)
        return -1;
    if (!checkpoint->prefix && !(checkpoint->prefix = strdup(made_up)))
        return error_set(error, EX_OSERR, "out of memory");
    if (checkpoint_write(checkpoint, true, error) < 0)
        return -1;
    *opened = take(checkpoint);
    return 0;
}

void checkpoint_close(struct checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    free(checkpoint->part);
    free(checkpoint->prefix);
    free(checkpoint->marks);
    free(checkpoint);
}

const char *checkpoint_prefix(const struct checkpoint *checkpoint)
{
    return checkpoint->prefix;
}

uint64_t checkpoint_passed(const struct checkpoint *checkpoint)
{
    return checkpoint->passed;
}

/* The hash of what was before, the job's number and its bytes. */
static void add_to_hash(struct checkpoint *checkpoint, const struct item *item)
{
    crypto_generichash_state state;
    crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    crypto_generichash_update(&state, checkpoint->hash, HASH_BYTES);
    crypto_generichash_update(&state, (const void *)&item->number, sizeof item->number);
    crypto_generichash_update(&state, item->raw, item->oversize ? 0 : item->raw_length);
    crypto_generichash_final(&state, checkpoint->hash, HASH_BYTES);
}

static int check_hash(const struct checkpoint *checkpoint, struct error *error)
{
    if (memcmp(checkpoint->hash, checkpoint->hash_begin, HASH_BYTES) == 0)
        return 0;
    return error_set(error, EX_CONFIG,
                     "the checkpoint '%.200s' is of another input: its first %" PRIu64
                     " jobs are not those of this one; remove it to begin anew",
                     checkpoint->path, checkpoint->begin);
}

static struct mark *mark_of(const struct checkpoint *checkpoint, uint64_t number)
{
    return &checkpoint->marks[number % SPAN];
}

/* Records that the source left out have numbers too. */
bool checkpoint_mark(struct checkpoint *checkpoint, uint64_t number)
{
    if (checkpoint->held)
        return true;
    if (checkpoint->next == checkpoint->position)
        checkpoint->next = checkpoint->position = number;
    if (number - checkpoint->position >= SPAN)
        return false;
    for (; checkpoint->next < number; checkpoint->next++)
        mark_of(checkpoint, checkpoint->next)->state = LEFT_OUT;
    struct mark *mark = mark_of(checkpoint, number);
    mark->state = OPEN;
    memcpy(mark->hash, checkpoint->hash, HASH_BYTES);
    checkpoint->next = number + 1;
    return true;
}

/* Up to the first job that is open. */
static void advance(struct checkpoint *checkpoint)
{
    while (checkpoint->position < checkpoint->next) {
        const struct mark *mark = mark_of(checkpoint, checkpoint->position);
        if (mark->state == OPEN || mark->state == FAILED)
            break;
        if (mark->state == CONFIRMED)
            memcpy(checkpoint->hash_position, mark->hash, HASH_BYTES);
        checkpoint->position++;
    }
    checkpoint->held = checkpoint->position < checkpoint->next &&
                       mark_of(checkpoint, checkpoint->position)->state == FAILED;
}

void checkpoint_settle(struct checkpoint *checkpoint, uint64_t number, bool confirmed)
{
    if (checkpoint->held || number < checkpoint->position)
        return;
    mark_of(checkpoint, number)->state = confirmed ? CONFIRMED : FAILED;
    advance(checkpoint);
}

int checkpoint_pass(struct checkpoint *checkpoint, const struct item *item, struct error *error)
{
    if (item->number >= checkpoint->begin && !checkpoint->verified) {
        if (check_hash(checkpoint, error) < 0)
            return -1;
        checkpoint->verified = true;
    }
    add_to_hash(checkpoint, item);
    if (item->number < checkpoint->begin) {
        checkpoint->passed++;
        return 1;
    }
    return 0;
}

int checkpoint_end(const struct checkpoint *checkpoint, struct error *error)
{
    return checkpoint->verified ? 0 : check_hash(checkpoint, error);
}

static char *file_text(const struct checkpoint *checkpoint)
{
    char hash[HEX_MAX];
    sodium_bin2hex(hash, sizeof hash, checkpoint->hash_position, HASH_BYTES);
    json_t *root =
        json_pack("{s:i, s:s, s:s, s:s, s:I, s:s}", "natsq_checkpoint", VERSION, "id_prefix",
                  checkpoint->prefix, "subject", checkpoint->subject, "source", checkpoint->source,
                  "confirmed", (json_int_t)checkpoint->position, "hash", hash);
    char *text = json_dumps(root, 0);
    json_decref(root);
    return text;
}

/* 0, or an errno. */
static int write_part(const struct checkpoint *checkpoint, const char *text)
{
    FILE *file = fopen(checkpoint->part, "we");
    if (!file)
        return errno;
    errno = 0;
    bool written = fprintf(file, "%s\n", text) > 0 && fflush(file) == 0 && fsync(fileno(file)) == 0;
    int number = written ? 0 : errno;
    fclose(file);
    return number;
}

int checkpoint_write(struct checkpoint *checkpoint, bool now, struct error *error)
{
    int64_t time = duration_about();
    bool is_due =
        time - checkpoint->written_at >= write_every && checkpoint->position > checkpoint->written;
    if (!now && !is_due)
        return 0;
    _cleanup_(cleanup_free) char *text = file_text(checkpoint);
    int number = text ? write_part(checkpoint, text) : ENOMEM;
    if (number == 0 && rename(checkpoint->part, checkpoint->path) < 0)
        number = errno;
    checkpoint->written = checkpoint->position;
    checkpoint->written_at = time;
    return number == 0 ? 0
                       : error_set(error, EX_CONFIG, "cannot write '%s': %s", checkpoint->path,
                                   strerror(number));
}
