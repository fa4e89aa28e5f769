/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Verbs: what kbox does beside running a command, as in "kbox image build".
 *
 * Side: host. A verb is a file verb-NAME.c with one struct kbox_verb, which has
 * a line in the table of verb.c, and a manual page man/kbox-NAME.1 that names
 * the same options as its help. Verbs can have verbs of their own, which share
 * its manual page.
 */
#ifndef KBOX_CLI_VERB_H
#define KBOX_CLI_VERB_H

struct kbox_verb {
	const char *name;
	const char *summary;	/* for the list of verbs: a few words */
	const char *help;	/* of --help; begins with "Usage: kbox NAME" */
	/*
	 * Do it: @argv[0] is the verb's name. Returns the exit status, after
	 * one line that says what is wrong if it is not 0. NULL with @verbs.
	 */
	int (*run)(int argc, char **argv);
	const struct kbox_verb *const *verbs;	/* ends with NULL; or NULL */
};

extern const struct kbox_verb kbox_doctor_verb;
extern const struct kbox_verb kbox_exec_verb;
extern const struct kbox_verb kbox_help_verb;
extern const struct kbox_verb kbox_image_build_verb;
extern const struct kbox_verb kbox_image_commit_verb;
extern const struct kbox_verb kbox_image_diff_verb;
extern const struct kbox_verb kbox_image_export_verb;
extern const struct kbox_verb kbox_image_pull_verb;
extern const struct kbox_verb kbox_image_verb;
extern const struct kbox_verb kbox_kill_verb;
extern const struct kbox_verb kbox_ps_verb;
extern const struct kbox_verb kbox_run_verb;
extern const struct kbox_verb kbox_top_verb;
extern const struct kbox_verb kbox_trace_verb;

/* All of them, in the order of "kbox help"; ends with NULL. */
extern const struct kbox_verb *const kbox_verbs[];

/*
 * Do what @argv says, whose first word names one of @verbs; --help and -h as
 * its only argument print its help. Returns the exit status.
 */
int kbox_verb_run(const struct kbox_verb *const *verbs, int argc, char **argv);

/* Print the help of the verb that @words name; of kbox itself without words. */
int kbox_verb_help(int count, char **words);

/* Print to standard output; the exit status. */
int kbox_verb_print(const char *text);

#endif
