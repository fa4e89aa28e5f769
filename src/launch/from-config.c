/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What an image's own description adds to what the user asked for.
 *
 * Side: host.
 */
#include "from-config.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "../base/limits.h"
#include "../base/log.h"
#include "userland.h"

#define CONFIG "/" KBOX_CONFIG_PATH

/* The strings of three lists one after the other; NULL without memory. */
static char **join(const struct kbox_config_list *one,
		   const struct kbox_config_list *two, char **more,
		   unsigned int more_count, unsigned int *ret_count)
{
	size_t room = (size_t)one->count + two->count + more_count + 1;
	char **all = calloc(room, sizeof(*all));
	unsigned int count = 0;

	if (!all)
		return NULL;
	for (unsigned int i = 0; i < one->count; i++)
		all[count++] = (char *)(unsigned long)one->items[i];
	for (unsigned int i = 0; i < two->count; i++)
		all[count++] = (char *)(unsigned long)two->items[i];
	for (unsigned int i = 0; i < more_count; i++)
		all[count++] = more[i];
	*ret_count = count;
	return all;
}

static int set_command(struct kbox_from_config *from)
{
	static const struct kbox_config_list none;
	struct kbox_options *options = &from->options;
	const struct kbox_config *config = &from->config;

	if (options->shell_command || options->no_entry_point)
		return 0;
	from->argv = join(&config->entrypoint,
			  options->argc ? &none : &config->command,
			  options->argv, options->argc, &options->argc);
	options->argv = from->argv;
	return from->argv ? 0 : -ENOMEM;
}

static int set_env(struct kbox_from_config *from)
{
	static const struct kbox_config_list none;
	struct kbox_options *options = &from->options;

	/* The last one of a name counts. */
	from->env = join(&from->config.env, &none, options->env,
			 options->env_count, &options->env_count);
	options->env = from->env;
	return from->env ? 0 : -ENOMEM;
}

/* A user by number or name; its group is that of /etc/passwd. */
static int find_user(struct kbox_caller *first, struct kbox_child *child,
		     const char *name, struct kbox_user *ret_user)
{
	struct kbox_user user = { 0 };
	char *text = kbox_userland_read(first, child, "/etc/passwd",
					KBOX_GUEST_FILE_MAX);

	if (kbox_passwd_parse_id(name, &user.uid)) {
		if (text)
			kbox_passwd_find(text, user.uid, &user);
	} else if (!text || !kbox_passwd_find_name(text, name, &user)) {
		return -ENOENT;
	}
	*ret_user = user;
	return 0;
}

static int find_group(struct kbox_caller *first, struct kbox_child *child,
		      const char *name, gid_t *ret_gid)
{
	char *text;

	if (kbox_passwd_parse_id(name, ret_gid))
		return 0;
	text = kbox_userland_read(first, child, "/etc/group",
				  KBOX_GUEST_FILE_MAX);
	return text && kbox_passwd_find_group(text, name, ret_gid) ? 0 :
								     -ENOENT;
}

/* "user", "uid", or one of them with ":group" or ":gid". */
static int set_user(struct kbox_from_config *from, struct kbox_caller *first,
		    struct kbox_child *child)
{
	struct kbox_options *options = &from->options;
	const char *whole = from->config.user;
	char *name, *group;
	struct kbox_user user;
	int err;

	if (!whole || options->change_id || options->root_identity)
		return 0;
	name = kbox_child_strdup(child, whole);
	if (!name)
		return -ENOMEM;
	group = strchr(name, ':');
	if (group)
		*group++ = '\0';
	err = find_user(first, child, name, &user);
	if (!err && group)
		err = find_group(first, child, group, &user.gid);
	if (err) {
		kbox_error(CONFIG ": no such user or group in the image: %s "
			   "(--change-id says another)", whole);
		return err;
	}
	options->change_id = true;
	options->uid = user.uid;
	options->gid = user.gid;
	return 0;
}

static int apply(struct kbox_from_config *from, struct kbox_caller *first,
		 struct kbox_child *child)
{
	int err = set_command(from);

	if (!err)
		err = set_env(from);
	if (err) {
		kbox_error(CONFIG ": %s", strerror(-err));
		return err;
	}
	if (!from->options.work_dir)
		from->options.work_dir = from->config.work_dir;
	return set_user(from, first, child);
}

int kbox_from_config_init(struct kbox_from_config *from,
			  struct kbox_caller *first, struct kbox_child *child,
			  const struct kbox_options *options)
{
	char *text = NULL;
	int err;

	memset(from, 0, sizeof(*from));
	from->options = *options;
	if (options->use_config)
		text = kbox_userland_read(first, child, CONFIG,
					  KBOX_GUEST_FILE_MAX);
	if (!text)
		return 0;
	err = kbox_config_parse(&from->config, text);
	if (err)
		kbox_error(CONFIG ": not the description of a container image; "
			   "--no-config does without");
	else
		err = apply(from, first, child);
	if (err)
		kbox_from_config_done(from);
	return err;
}

void kbox_from_config_done(struct kbox_from_config *from)
{
	free(from->argv);
	free(from->env);
	from->argv = NULL;
	from->env = NULL;
	kbox_config_done(&from->config);
}
