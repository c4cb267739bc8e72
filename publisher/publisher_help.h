/* publisher_help: the texts of `publisher --help`. */
#ifndef NATSQ_PUBLISHER_HELP_H
#define NATSQ_PUBLISHER_HELP_H

extern const char publisher_usage[];
extern const char publisher_summary[];
extern const char publisher_notes[];
extern const char publisher_examples[];

#endif
