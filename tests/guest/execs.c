/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * execve and execveat: missing and unusable files, scripts with arguments and
 * nested ones, too long lists, by descriptor, from threads; argv and envp
 * arrive unchanged.
 * Run: root dyn glibc gdyn
 */
#include "guest.h"
#include <pthread.h>

static char self[PATH_MAX];
static char *const env[] = { "ONE=1", "TWO=", "=odd", "no-equals", NULL };

__attribute__((noipa)) static int run(const char *path, char *const *argv)
{
	return wait_code(CHILD({
		execve(path, argv, env);
		_exit(100 + errno);
	}));
}

static int run_at(int dirfd, const char *path, int flags)
{
	char *argv[] = { "by-fd", "args", "x", NULL };

	return wait_code(CHILD({
		syscall(SYS_execveat, dirfd, path, argv, env, flags);
		_exit(100 + errno);
	}));
}

static void print_args(int argc, char **argv, char **envp)
{
	char buf[256], name[256], *end = strrchr(argv[0], '/');
	int n = 0;

	say("argc %d argv0 %s", argc, end ? end : argv[0]);
	for (int i = 1; i < argc; i++)
		say("argv %d: '%s'", i, strlen(argv[i]) > 100 ? "long" : strrchr(argv[i], '/') ? strrchr(argv[i], '/') : argv[i]);
	while (envp[n])
		n++;
	say("env %d: %s", n, n ? envp[0] : "");
	if (get_file("/proc/self/comm", buf, sizeof(buf)) > 0)
		say("comm %s", strtok(buf, "\n"));
	memset(name, 0, sizeof(name));
	if (readlink("/proc/self/exe", name, sizeof(name) - 1) > 0)
		say("exe is the program: %d", strstr(name, "memfd") == NULL && access(name, X_OK) == 0);
}

static void scripts(void)
{
	char line[PATH_MAX + 64], *argv[] = { "zero", "one", "two words", "", NULL };
	int i;

	snprintf(line, sizeof(line), "#!%s args\n", self);
	MUST(put_file("script", line, 0755));
	SHOW("script", run("./script", argv));
	snprintf(line, sizeof(line), "#! \t%s  args  with  blanks  \nrest\n", self);
	MUST(put_file("blanks", line, 0755));
	SHOW("script with blanks", run("./blanks", argv));
	snprintf(line, sizeof(line), "#!%s", self);
	MUST(put_file("noline", line, 0755));
	argv[1] = "args";
	SHOW("script without newline", run("./noline", argv) % 100 == 0 ? 0 : 1);
	snprintf(line, sizeof(line), "#!./script nested\n");
	MUST(put_file("nested", line, 0755));
	SHOW("nested script", run("nested", argv));
	MUST(put_file("n0", "#!./script\n", 0755));
	for (i = 1; i < 7; i++) {
		char name[8];

		snprintf(name, sizeof(name), "n%d", i);
		snprintf(line, sizeof(line), "#!./n%d a%d\n", i - 1, i);
		MUST(put_file(name, line, 0755));
	}
	SHOW("nested 3", run("./n2", argv));
	SHOW("nested too deep", run("./n6", argv));
	MUST(put_file("gone", "#!/no/such/interpreter\n", 0755));
	SHOW("missing interpreter", run("./gone", argv));
	MUST(put_file("noexec", "#!./file\n", 0755));
	SHOW("interpreter not executable", run("./noexec", argv));
	MUST(put_file("loop", "#!./loop\n", 0755));
	SHOW("script of itself", run("./loop", argv));
	MUST(put_file("hashbang", "#!\n", 0755));
	SHOW("empty interpreter", run("./hashbang", argv));
	MUST(put_file("text", "echo no header\n", 0755));
	SHOW("text without header", run("./text", argv));
	MUST(put_file("empty", "", 0755));
	SHOW("empty file", run("./empty", argv));
	MUST(put_file("elf", "\177ELF\2\1\1", 0755));
	SHOW("broken ELF", run("./elf", argv));
}

static void lists(void)
{
	static char big[200000], *many[70000];
	char *argv[] = { "zero", "count", big, NULL };
	size_t i;

	memset(big, 'x', sizeof(big) - 1);
	SHOW("one argument too long", run(self, argv));
	big[131000] = 0;
	SHOW("one argument just fits", run(self, argv));
	for (i = 0; i < COUNT(many) - 1; i++)
		many[i] = i == 1 ? "count" : "yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy";
	SHOW("too many arguments", run(self, many));
	many[20000] = NULL;
	SHOW("20000 arguments", run(self, many));
	SHOW("bad argv", run(self, (char *const *)8));
	{
		char *bad[] = { "zero", (char *)8, NULL };

		SHOW("bad argv string", run(self, bad));
	}
	SHOW("no argv", run("/no/such", NULL));
}

static void *thread_exec(void *arg)
{
	char *argv[] = { "from-thread", "args", NULL };

	(void)arg;
	execve(self, argv, env);
	_exit(100 + errno);
}

static void *sleeper(void *arg)
{
	(void)arg;
	for (;;)
		pause();
	return NULL;
}

int main(int argc, char **argv, char **envp)
{
	char *args[] = { "zero", "args", "1", "", "a b", NULL };
	int fd, dir;

	if (argc > 1 && (!strcmp(argv[1], "args") || !strncmp(argv[1], "args ", 5) || !strcmp(argv[1], "nested"))) {
		print_args(argc, argv, envp);
		return 42;
	}
	if (argc > 1 && !strcmp(argv[1], "count")) {
		say("arguments: %d", argc);
		return 43;
	}
	if (argc > 1)
		return 0;
	MUST(readlink("/proc/self/exe", self, sizeof(self) - 1));
	MUST(put_file("file", "x", 0644));
	MUST(mkdir("dir", 0755));
	SHOW("plain", run(self, args));
	SHOW("missing", run("./missing", args));
	SHOW("missing folder", run("no/such", args));
	SHOW("folder", run("dir", args));
	SHOW("not executable", run("file", args));
	SHOW("file as folder", run("file/x", args));
	SHOW("empty path", run("", args));
	SHOW("device", run("/dev/null", args));
	{
		char *long_name = memset((char[PATH_MAX + 10]){0}, 'a', PATH_MAX + 5);

		SHOW("long path", run(long_name, args));
		long_name[300] = 0;
		SHOW("long name", run(long_name, args));
	}
	MUST(symlink("loop1", "loop2"));
	MUST(symlink("loop2", "loop1"));
	SHOW("link loop", run("loop1", args));
	MUST(symlink(self, "link"));
	SHOW("through a link", run("./link", args));
	scripts();
	lists();
	MUST(fd = open(self, O_RDONLY | O_CLOEXEC));
	MUST(dir = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	SHOW("execveat empty path", run_at(fd, "", AT_EMPTY_PATH));
	SHOW("execveat without flag", run_at(fd, "", 0));
	SHOW("execveat folder relative", run_at(dir, "link", 0));
	SHOW("execveat nofollow", run_at(dir, "link", AT_SYMLINK_NOFOLLOW));
	SHOW("execveat absolute", run_at(-1, self, 0));
	SHOW("execveat bad fd", run_at(77, "link", 0));
	SHOW("execveat bad flags", run_at(dir, "link", 0x8000));
	SHOW("execveat script cloexec", run_at(open("script", O_RDONLY | O_CLOEXEC), "", AT_EMPTY_PATH));
	SHOW("execveat folder", run_at(dir, "", AT_EMPTY_PATH));
	SHOW("from a thread", wait_code(CHILD({
		pthread_t t;

		pthread_create(&t, NULL, sleeper, NULL);
		pthread_create(&t, NULL, sleeper, NULL);
		pthread_create(&t, NULL, thread_exec, NULL);
		for (;;)
			pause();
	})));
	SHOW("from main with threads", wait_code(CHILD({
		pthread_t t;

		pthread_create(&t, NULL, sleeper, NULL);
		pthread_create(&t, NULL, sleeper, NULL);
		thread_exec(NULL);
	})));
	SHOW("busy for writing", wait_code(CHILD({
		put_file("copy", "#!/bin/sh\n", 0755);
		open("copy", O_WRONLY);
		execve("./copy", args, env);
		_exit(100 + errno);
	})));
	return 0;
}
