#include "nats/identity.h"

#include "base/text.h"
#include "nats/nats_error.h"

int identity_open(struct credentials **opened, const struct connection_options *options,
                  const struct log *log, struct error *error)
{
    if (!options->creds && !options->nkey)
        return 0;
    struct credentials *credentials = options->creds ? credentials_open(options->creds, error)
                                                     : credentials_open_nkey(options->nkey, error);
    if (!credentials)
        return -1;
    if (credentials_exposed(credentials))
        log_warn(log, "'%s' holds a secret but others can read it: chmod 600",
                 options->creds ? options->creds : options->nkey);
    credentials_log(credentials, log);
    *opened = credentials;
    return 0;
}

int identity_use(natsOptions *nats, const struct connection_options *options,
                 struct credentials *credentials, struct error *error)
{
    if (credentials)
        return credentials_use(nats, credentials, error);
    _cleanup_(cleanup_secret) char *user = options->user ? text_escape_json(options->user) : NULL;
    _cleanup_(cleanup_secret) char *password =
        options->password ? text_escape_json(options->password) : NULL;
    _cleanup_(cleanup_secret) char *token =
        options->token ? text_escape_json(options->token) : NULL;
    natsStatus s = NATS_OK;
    if ((options->user && !user) || (options->password && !password) || (options->token && !token))
        s = NATS_NO_MEMORY;
    else if (user)
        s = natsOptions_SetUserInfo(nats, user, password);
    else if (token)
        s = natsOptions_SetToken(nats, token);
    return s == NATS_OK ? 0 : error_nats(error, s, "cannot use the user or token given");
}
