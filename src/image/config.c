/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What a container image says about running it.
 *
 * Side: host. The text is the image's, which guests can write to.
 */
#include "config.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "../base/limits.h"

static int get_list(const json_t *object, const char *key, bool variables,
		    struct kbox_config_list *list)
{
	const json_t *array = json_object_get(object, key);
	size_t count = json_array_size(array);

	if (!array || json_is_null(array))
		return 0;
	if (!json_is_array(array) || count > KBOX_ARGS_MAX)
		return -EINVAL;
	list->items = calloc(count + 1, sizeof(*list->items));
	if (!list->items)
		return -ENOMEM;
	for (size_t i = 0; i < count; i++) {
		const char *text = json_string_value(json_array_get(array, i));

		if (!text)
			return -EINVAL;
		if (!variables || (*text != '=' && strchr(text, '=')))
			list->items[list->count++] = text;
	}
	return 0;
}

static const char *get_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text && *text ? text : NULL;
}

int kbox_config_parse(struct kbox_config *config, const char *text)
{
	const json_t *run;
	int err = 0;

	memset(config, 0, sizeof(*config));
	config->json = json_loads(text, 0, NULL);
	if (!json_is_object(config->json))
		err = -EINVAL;
	run = json_object_get(config->json, "config");
	if (!err)
		err = get_list(run, "Entrypoint", false, &config->entrypoint);
	if (!err)
		err = get_list(run, "Cmd", false, &config->command);
	if (!err)
		err = get_list(run, "Env", true, &config->env);
	config->work_dir = get_string(run, "WorkingDir");
	config->user = get_string(run, "User");
	if (err)
		kbox_config_done(config);
	return err;
}

void kbox_config_done(struct kbox_config *config)
{
	free(config->entrypoint.items);
	free(config->command.items);
	free(config->env.items);
	json_decref(config->json);
	memset(config, 0, sizeof(*config));
}
