#include "verbs/verbs.h"

#include "base/terminal.h"
#include "base/text_width.h"
#include "base/wrapped_text.h"
#include "dlq.h"
#include "doctor/doctor.h"
#include "tables/listing.h"

#include <jansson.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum {
    ADVICE_MAX = sizeof((struct finding *)NULL)->advice + sizeof((struct finding *)NULL)->command,
    INDENT = 23,    /* where the words begin */
    NARROWEST = 20, /* columns of words */
};

/* A pipe has no limit. */
static size_t columns_of_words(void)
{
    if (!isatty(STDOUT_FILENO))
        return SIZE_MAX;
    size_t columns = terminal_size(STDOUT_FILENO).columns;
    return columns > INDENT + NARROWEST ? columns : INDENT + NARROWEST;
}

/* A command has a line of its own where it does not fit behind the words, and is never wrapped. */
static void print_advice(const struct finding *finding, size_t columns)
{
    static const char arrow[] = "→ ";
    const int indent = INDENT + (int)text_width(arrow);
    char advice[ADVICE_MAX];
    if (!*finding_advice(finding, advice, sizeof advice))
        return;
    printf("%*s%s", INDENT, "", arrow);
    if (*finding->advice && *finding->command && (size_t)indent + text_width(advice) > columns) {
        snprintf(advice, sizeof advice, "%s:", finding->advice);
        wrapped_text_print(advice, indent, columns);
        printf("%*s%s\n", indent, "", finding->command);
    } else {
        wrapped_text_print(advice, indent, *finding->command ? SIZE_MAX : columns);
    }
}

static void print_finding(const struct finding *finding)
{
    size_t columns = columns_of_words();
    printf("%-8s  %-11s  ", health_text(finding->health), finding->check);
    wrapped_text_print(finding->text, INDENT, columns);
    print_advice(finding, columns);
}

static void print_finding_json(const struct finding *finding)
{
    char advice[ADVICE_MAX];
    finding_advice(finding, advice, sizeof advice);
    json_t *object =
        json_pack("{s:s, s:s, s:s, s:s*, s:s*}", "check", finding->check, "health",
                  health_text(finding->health), "text", finding->text, "advice",
                  *advice ? advice : NULL, "command", *finding->command ? finding->command : NULL);
    listing_print_json(object);
}

/* Returns how many there are. */
static size_t print_findings(const struct doctor *doctor, enum health health)
{
    size_t n = 0;
    for (size_t i = 0; i < doctor->n; i++) {
        const struct finding *finding = &doctor->findings[i];
        if (finding->health != health)
            continue;
        n++;
        (doctor->dlq->options->json ? print_finding_json : print_finding)(finding);
    }
    return n;
}

/* The first findings may have scrolled out of a terminal. */
static void print_total(const struct doctor *doctor, size_t critical, size_t warnings)
{
    if (!doctor->dlq->options->json && critical + warnings > 0 && isatty(STDOUT_FILENO))
        printf("%zu critical, %zu warning%s: at the top\n", critical, warnings,
               warnings == 1 ? "" : "s");
}

/* Worst first: a monitoring system shows the first line. */
static enum health print_all(const struct doctor *doctor)
{
    size_t critical = print_findings(doctor, HEALTH_CRITICAL);
    size_t warnings = print_findings(doctor, HEALTH_WARNING);
    (void)print_findings(doctor, HEALTH_GOOD);
    print_total(doctor, critical, warnings);
    return critical > 0 ? HEALTH_CRITICAL : warnings > 0 ? HEALTH_WARNING : HEALTH_GOOD;
}

static int finish(struct doctor *doctor, struct error *error)
{
    tty_progress_wipe(&doctor->progress);
    doctor->dlq->exit_code = (int)print_all(doctor);
    return listing_end(error);
}

int verb_doctor_unconnected(struct dlq *dlq, struct error *error)
{
    _cleanup_(doctor_close) struct doctor doctor = {.dlq = dlq, .check = "server"};
    doctor_report(&doctor, HEALTH_CRITICAL, "%s", error->text);
    return finish(&doctor, error);
}

int verb_doctor(struct dlq *dlq, struct error *error)
{
    _cleanup_(doctor_close) struct doctor doctor = {.dlq = dlq};
    tty_progress_begin(&doctor.progress);
    return doctor_run(&doctor, error) < 0 ? -1 : finish(&doctor, error);
}
