/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The first guest's environment.
 *
 * Side: host. The rules are in environ.h.
 */
#include "environ.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/macros.h"

/* Variables that kbox sets itself. */
#define OWN_MAX 8

struct builder {
	struct kbox_child *child;
	char **envp;
	size_t count;
	bool failed;
};

/* Length of the name in "NAME=VALUE" or "NAME". */
static size_t name_len(const char *text)
{
	return strcspn(text, "=");
}

static void put(struct builder *builder, const char *text)
{
	size_t len = name_len(text);
	char *copy = kbox_child_strdup(builder->child, text);
	size_t i;

	if (!copy) {
		builder->failed = true;
		return;
	}
	for (i = 0; i < builder->count; i++)
		if (name_len(builder->envp[i]) == len &&
		    !memcmp(builder->envp[i], text, len))
			break;
	builder->envp[i] = copy;
	if (i == builder->count)
		builder->count++;
}

static void put_value(struct builder *builder, const char *name,
		      const char *value)
{
	char text[4096];
	int n;

	if (!value)
		return;
	n = snprintf(text, sizeof(text), "%s=%s", name, value);
	if (n > 0 && (size_t)n < sizeof(text))
		put(builder, text);
}

/* Variables of the host's that would mislead programs of the image. */
static bool host_only(const char *text)
{
	static const char *const names[] = { "PATH", "HOME", "TMPDIR",
					     "XDG_RUNTIME_DIR", "PWD",
					     "OLDPWD", "_" };
	size_t len = name_len(text);

	if (!strncmp(text, "LD_", 3) || text[len] != '=')
		return true;
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(names); i++)
		if (strlen(names[i]) == len && !memcmp(text, names[i], len))
			return true;
	return false;
}

static size_t count_host(void)
{
	size_t count = 0;

	while (environ && environ[count])
		count++;
	return count;
}

char **kbox_environ_build(struct kbox_child *child,
			  const struct kbox_options *options,
			  const struct kbox_user *user)
{
	bool clean = options->mode == KBOX_MODE_SYSTEM;
	struct builder builder = { .child = child };
	size_t host_count = clean ? 0 : count_host();
	size_t room = host_count + OWN_MAX + options->env_count + 1;

	builder.envp = kbox_child_alloc(child, room * sizeof(char *));
	if (!builder.envp)
		return NULL;
	for (size_t i = 0; i < host_count; i++)
		if (!host_only(environ[i]))
			put(&builder, environ[i]);
	put_value(&builder, "PATH", KBOX_DEFAULT_PATH);
	put_value(&builder, "HOME", user->home);
	if (clean) {
		put_value(&builder, "USER", user->name);
		put_value(&builder, "LOGNAME", user->name);
		put_value(&builder, "SHELL", user->shell);
		put_value(&builder, "TERM", getenv("TERM"));
	}
	for (unsigned int i = 0; i < options->env_count; i++) {
		const char *text = options->env[i];

		if (strchr(text, '='))
			put(&builder, text);
		else
			put_value(&builder, text, getenv(text));
	}
	return builder.failed ? NULL : builder.envp;
}

const char *kbox_environ_get(char *const *envp, const char *name)
{
	size_t len = strlen(name);

	for (; *envp; envp++)
		if (name_len(*envp) == len && !memcmp(*envp, name, len) &&
		    (*envp)[len] == '=')
			return *envp + len + 1;
	return NULL;
}
