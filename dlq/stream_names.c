#include "stream_names.h"

#include "base/error.h"
#include "base/program_name.h"
#include "base/subject.h"
#include "verb.h"

#include <stdbool.h>
#include <string.h>

#define BY_ENVIRONMENT "NATSQ_DLQ and NATSQ_ORIGIN"

static bool is_set(const char *variable)
{
    return variable && *variable;
}

/* Whether the words leave the streams out. */
static bool begins_with_verb(const char *const *words, size_t n, const struct verb *verbs)
{
    return n == 0 || (verb_find(verbs, words[0]) && !(n > 2 && verb_find(verbs, words[2])));
}

static int report_missing(const char *const *words, size_t n, const struct verb *verbs,
                          bool by_environment, struct error *error)
{
    error_set(error, EX_USAGE,
              "%s is missing: %s DLQ_STREAM ORIGIN_STREAM [VERB], e.g. %s orders_unprocessed "
              "orders_stream",
              n == 0 ? "DLQ_STREAM" : "ORIGIN_STREAM", program_name("dlq"), program_call("dlq"));
    if (n == 1 && verb_find(verbs, words[0]))
        error_add(error, " %s; or set " BY_ENVIRONMENT, words[0]);
    if (n == 1 && by_environment)
        error_add(error, "; " BY_ENVIRONMENT " are used only before a verb, and '%s' is none",
                  words[0]);
    return -1;
}

static int check_name(const char *what, const char *name, struct error *error)
{
    const char *fault = subject_name_fault(name);
    return fault ? error_set(error, EX_USAGE, "%s '%s' %s", what, name, fault) : 0;
}

static int check_names(const struct stream_names *names, bool by_environment, struct error *error)
{
    if (check_name(by_environment ? "NATSQ_DLQ" : "DLQ_STREAM", names->stream, error) < 0 ||
        check_name(by_environment ? "NATSQ_ORIGIN" : "ORIGIN_STREAM", names->origin, error) < 0)
        return -1;
    if (strcmp(names->stream, names->origin) == 0)
        return error_set(error, EX_USAGE, "%s are both '%s'",
                         by_environment ? BY_ENVIRONMENT : "DLQ_STREAM and ORIGIN_STREAM",
                         names->stream);
    return 0;
}

int stream_names_take(struct stream_names *names, const char *const *words, size_t n,
                      const struct verb *verbs, const char *dlq, const char *origin,
                      struct error *error)
{
    bool by_environment = (is_set(dlq) || is_set(origin)) && begins_with_verb(words, n, verbs);
    if (by_environment && (!is_set(dlq) || !is_set(origin)))
        return error_set(
            error, EX_USAGE, "%s is set, but %s is not: set both, or name both streams",
            is_set(dlq) ? "NATSQ_DLQ" : "NATSQ_ORIGIN", is_set(dlq) ? "NATSQ_ORIGIN" : "NATSQ_DLQ");
    if (!by_environment && n < 2)
        return report_missing(words, n, verbs, is_set(dlq) && is_set(origin), error);
    size_t before = by_environment ? 0 : 2;
    *names = (struct stream_names){
        .stream = by_environment ? dlq : words[0],
        .origin = by_environment ? origin : words[1],
        .verb = n > before ? words[before] : "run",
        .words = n > before ? before + 1 : before,
    };
    return check_names(names, by_environment, error);
}
