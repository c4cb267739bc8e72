"""How the programs and scripts end: the codes of sysexits.h."""

OK = 0
USAGE = 64
DATAERR = 65
NOINPUT = 66
UNAVAILABLE = 69
OSERR = 71
CANTCREAT = 73
IOERR = 74
TEMPFAIL = 75
NOPERM = 77
CONFIG = 78
