#include "verbs/verbs.h"

#include "dlq.h"
#include "doctor/doctor.h"
#include "tables/listing.h"

#include <jansson.h>
#include <stdio.h>

enum {
    ADVICE_MAX = sizeof((struct finding *)NULL)->advice + sizeof((struct finding *)NULL)->command
};

static void print_finding(const struct finding *finding)
{
    char advice[ADVICE_MAX];
    printf("%-8s  %-11s  %s\n", health_text(finding->health), finding->check, finding->text);
    if (*finding_advice(finding, advice, sizeof advice))
        printf("%23s→ %s\n", "", advice);
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

/* Worst first: a monitoring system shows the first line. */
static enum health print_findings(const struct doctor *doctor)
{
    enum health worst = HEALTH_GOOD;
    for (int health = HEALTH_CRITICAL; health >= HEALTH_GOOD; health--)
        for (size_t i = 0; i < doctor->n; i++) {
            const struct finding *finding = &doctor->findings[i];
            if (finding->health != (enum health)health)
                continue;
            worst = finding->health > worst ? finding->health : worst;
            (doctor->dlq->options->json ? print_finding_json : print_finding)(finding);
        }
    return worst;
}

static int finish(struct doctor *doctor, struct error *error)
{
    tty_progress_wipe(&doctor->progress);
    doctor->dlq->exit_code = (int)print_findings(doctor);
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
