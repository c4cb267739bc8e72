#include "nats/api_answer.h"

#include <jansson.h>

json_t *api_answer_parse(natsMsg *message)
{
    return json_loadb(natsMsg_GetData(message), (size_t)natsMsg_GetDataLength(message), 0, NULL);
}

int api_answer_error(const json_t *answer)
{
    return (int)json_integer_value(json_object_get(json_object_get(answer, "error"), "err_code"));
}

const char *api_answer_reason(const json_t *answer)
{
    const json_t *error = json_object_get(answer, "error");
    const char *text = json_string_value(json_object_get(error, "description"));
    return text ? text : "the server gave no reason";
}
