/* exit_codes: what the programs' exit codes mean. The one table from which --help prints them; the
 * README's is compared with it by tests/cli/test_exit_codes.py. */
#ifndef NATSQ_EXIT_CODES_H
#define NATSQ_EXIT_CODES_H

/* Prints the codes with which this program can end. */
void exit_codes_print(const char *program);

#endif
