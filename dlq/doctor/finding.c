#include "doctor/doctor.h"

#include "base/array.h"
#include "base/program_name.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *health_text(enum health health)
{
    static const char *const texts[] = {
        [HEALTH_GOOD] = "good", [HEALTH_WARNING] = "warning", [HEALTH_CRITICAL] = "critical"};
    return (size_t)health < sizeof texts / sizeof texts[0] ? texts[health] : "unknown";
}

void doctor_report(struct doctor *doctor, enum health health, const char *format, ...)
{
    struct finding *grown = array_grow(doctor->findings, doctor->n, &doctor->room, sizeof *grown);
    if (!grown)
        abort(); /* without this finding the report would be false */
    doctor->findings = grown;
    struct finding *finding = &doctor->findings[doctor->n++];
    *finding = (struct finding){.check = doctor->check, .health = health};
    va_list words;
    va_start(words, format);
    vsnprintf(finding->text, sizeof finding->text, format, words);
    va_end(words);
}

void doctor_advise(struct doctor *doctor, const char *format, ...)
{
    struct finding *finding = &doctor->findings[doctor->n - 1];
    va_list words;
    va_start(words, format);
    vsnprintf(finding->advice, sizeof finding->advice, format, words);
    va_end(words);
}

static bool connects(const char *program)
{
    static const char *const programs[] = {"consumer", "dlq", "nats"};
    for (size_t i = 0; i < sizeof programs / sizeof programs[0]; i++)
        if (strcmp(programs[i], program) == 0)
            return true;
    return false;
}

/* `arguments` with the options that reach the server, in front of a COMMAND. */
static void put_arguments(const char *reach, const char *arguments, char *text, size_t size)
{
    const char *end = strstr(arguments, " -- ");
    size_t length = end ? (size_t)(end - arguments) : strlen(arguments);
    snprintf(text, size, "%.*s%s%s", (int)length, arguments, reach, arguments + length);
}

void doctor_command(struct doctor *doctor, const char *program, const char *format, ...)
{
    struct finding *finding = &doctor->findings[doctor->n - 1];
    char arguments[sizeof finding->command];
    va_list words;
    va_start(words, format);
    vsnprintf(arguments, sizeof arguments, format, words);
    va_end(words);
    int used = snprintf(finding->command, sizeof finding->command, "%s ", program_call(program));
    put_arguments(connects(program) ? doctor->reach : "", arguments, finding->command + used,
                  sizeof finding->command - (size_t)used);
}

const char *finding_advice(const struct finding *finding, char *text, size_t size)
{
    snprintf(text, size, "%s%s%s", finding->advice,
             *finding->advice && *finding->command ? ": " : "", finding->command);
    return text;
}
