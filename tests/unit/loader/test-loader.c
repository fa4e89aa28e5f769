// SPDX-License-Identifier: GPL-2.0-only
/*
 * Unit test of the loader: each program must start through it as it starts
 * natively, and files made to harm it must end in its own exit codes.
 *
 * Side: host. Usage: test-loader LOADER PROBE_FOLDER; speaks TAP.
 */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "../../../abi/loader.h"
#include "harness.h"

#define FUZZ_ROUNDS 300

static const char *loader;
static const char *folder;
static char scratch[] = "/tmp/test-loader-XXXXXX";
static unsigned int tests, failures;
static struct harness_result native, loaded;

static const char *const plain_env[] = {
	"PATH=/usr/bin:/bin", "LC_ALL=C", "EMPTY=", NULL
};
static const char *const fixed_env[] = {
	"PROBE_ADDRESSES=1", "LC_ALL=C", NULL
};
static const char *const no_env[] = { NULL };

static void __attribute__((format(printf, 2, 3)))
report(int ok, const char *format, ...)
{
	va_list args;

	printf("%s %u - ", ok ? "ok" : "not ok", ++tests);
	va_start(args, format);
	vprintf(format, args);
	va_end(args);
	putchar('\n');
	failures += !ok;
}

static void show_difference(void)
{
	const char *a = native.output, *b = loaded.output;
	const char *line_a = a, *line_b = b;

	for (; *a && *a == *b; a++, b++) {
		if (*a == '\n') {
			line_a = a + 1;
			line_b = b + 1;
		}
	}
	printf("# status: native %x, loader %x\n", (unsigned int)native.status,
	       (unsigned int)loaded.status);
	if (*a != *b)
		printf("# native: %.*s\n# loader: %.*s\n",
		       (int)strcspn(line_a, "\n"), line_a,
		       (int)strcspn(line_b, "\n"), line_b);
}

static void compare(const struct harness_program *program, const char *name)
{
	int same;

	harness_run_native(program, &native);
	harness_run_loader(program, loader, &loaded);
	same = native.status == loaded.status && !loaded.strings_wrong &&
	       !strcmp(native.output, loaded.output) &&
	       !strstr(loaded.output, ": NO\n");
	report(same, "%s", name);
	if (!same)
		show_difference();
	if (loaded.strings_wrong)
		printf("# LAYOUT does not tell of the arguments\n");
}

static char *in_folder(char *path, const char *name)
{
	snprintf(path, PATH_MAX, "%s/%s", folder, name);
	return path;
}

/* One way of building the probe, in all the ways of starting it. */
static void test_probe(const char *name)
{
	static char big[16000];
	char path[PATH_MAX], title[128];
	const char *const argv[] = { "probe", "", "three words here", NULL };
	const char *const alone[] = { "x", NULL };
	const char *big_argv[200];
	struct harness_program program = {
		.path = in_folder(path, name), .file = path,
		.argv = argv, .envp = plain_env,
	};
	unsigned int i;

	snprintf(title, sizeof(title), "%s", name);
	compare(&program, title);

	program.argv = alone;
	program.envp = no_env;
	snprintf(title, sizeof(title), "%s, no environment", name);
	compare(&program, title);

	memset(big, 'b', sizeof(big) - 1);
	for (i = 0; i < 199; i++)
		big_argv[i] = i % 50 ? "argument" : big;
	big_argv[199] = NULL;
	program.argv = big_argv;
	program.envp = plain_env;
	snprintf(title, sizeof(title), "%s, many arguments", name);
	compare(&program, title);

	/*
	 * Without randomisation the program itself must lie where it lies
	 * natively. The libraries may not: the loader takes room of its own.
	 */
	program.argv = argv;
	program.fixed_addresses = 1;
	snprintf(title, sizeof(title), "%s, fixed addresses", name);
	compare(&program, title);
}

/* As test_probe's last, but only the program's own address is compared. */
static void test_program_address(const char *name)
{
	char path[PATH_MAX];
	const char *const argv[] = { "probe", NULL };
	struct harness_program program = {
		.path = in_folder(path, name), .file = path,
		.argv = argv, .envp = fixed_env, .fixed_addresses = 1,
	};
	const char *a, *b;

	harness_run_native(&program, &native);
	harness_run_loader(&program, loader, &loaded);
	a = strstr(native.output, "auxv 9 ");
	b = strstr(loaded.output, "auxv 9 ");
	report(a && b && !strncmp(a, b, strcspn(a, "\n") + 1),
	       "%s, entry point as natively", name);
	if (!a || !b || strncmp(a, b, strcspn(a, "\n") + 1))
		printf("# native %.24s, loader %.24s\n", a ? a : "", b ? b : "");
}

static void test_randomised(const char *name)
{
	char path[PATH_MAX], first[64] = "";
	const char *const argv[] = { "probe", NULL };
	struct harness_program program = {
		.path = in_folder(path, name), .file = path,
		.argv = argv, .envp = fixed_env,
	};
	unsigned int i, different = 0;
	const char *entry;

	for (i = 0; i < 4; i++) {
		harness_run_loader(&program, loader, &loaded);
		entry = strstr(loaded.output, "auxv 9 ");
		if (!entry)
			break;
		different += strncmp(first, entry, 24) != 0;
		snprintf(first, sizeof(first), "%.24s", entry);
	}
	report(i == 4 && different >= 3, "%s, another address each time", name);
}

static void write_file(const char *path, const void *bytes, size_t len,
		       mode_t mode)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || close(fd))
		harness_die(path);
}

/* A script's interpreter, with argument strings longer and shorter. */
static void test_script(const char *name, const char *argument)
{
	char path[PATH_MAX], script[PATH_MAX], text[2 * PATH_MAX];
	const char *const argv[] = { "ignored-zeroth-argument", "one", NULL };
	const char *const short_argv[] = { "", NULL };
	struct harness_program program = {
		.path = script, .file = in_folder(path, name),
		.argv = argv, .envp = plain_env,
		.prefix = { path, *argument ? argument : script,
			    *argument ? script : NULL },
	};

	snprintf(script, sizeof(script), "%s/script", scratch);
	snprintf(text, sizeof(text), "#!%s%s%s\n", path, *argument ? " " : "",
		 argument);
	write_file(script, text, strlen(text), 0755);
	snprintf(text, sizeof(text), "%s, script%s%.10s", name,
		 *argument ? " with " : "", argument);
	compare(&program, text);
	program.argv = short_argv;
	program.envp = no_env;
	snprintf(text, sizeof(text), "%s, script%s%.10s, nothing else", name,
		 *argument ? " with " : "", argument);
	compare(&program, text);
}

/* Real programs of this machine, when they are there. */
static void test_system(const char *path, const char *a, const char *b)
{
	const char *const argv[] = { path, a, b, NULL };
	struct harness_program program = {
		.path = path, .file = path, .argv = argv, .envp = plain_env,
	};

	if (access(path, X_OK)) {
		printf("ok %u # SKIP no %s here\n", ++tests, path);
		return;
	}
	compare(&program, path);
}

static void test_registers(void)
{
	char path[PATH_MAX];
	const char *const argv[] = { "entry", NULL };
	struct harness_program program = {
		.path = in_folder(path, "entry"), .file = path,
		.argv = argv, .envp = plain_env,
	};

	harness_run_loader(&program, loader, &loaded);
	report(WIFEXITED(loaded.status) && WEXITSTATUS(loaded.status) == 3,
	       "registers are zero at the entry point");
}

/* An ELF file in memory, to be spoiled. */
struct elf_copy {
	unsigned char *bytes;
	size_t len;
	Elf64_Ehdr *ehdr;
	Elf64_Phdr *phdrs;
	Elf64_Phdr *first, *last;	/* PT_LOAD */
};

static void elf_read(const char *name, struct elf_copy *copy)
{
	char path[PATH_MAX];
	struct stat st;
	int fd = open(in_folder(path, name), O_RDONLY | O_CLOEXEC), i;

	if (fd < 0 || fstat(fd, &st))
		harness_die(path);
	copy->len = (size_t)st.st_size;
	copy->bytes = calloc(1, copy->len + 65536);
	if (!copy->bytes ||
	    read(fd, copy->bytes, copy->len) != (ssize_t)copy->len)
		harness_die(path);
	close(fd);
	copy->ehdr = (Elf64_Ehdr *)copy->bytes;
	copy->phdrs = (Elf64_Phdr *)(copy->bytes + copy->ehdr->e_phoff);
	copy->first = NULL;
	for (i = 0; i < copy->ehdr->e_phnum; i++) {
		if (copy->phdrs[i].p_type != PT_LOAD)
			continue;
		if (!copy->first)
			copy->first = &copy->phdrs[i];
		copy->last = &copy->phdrs[i];
	}
}

static void run_spoiled(struct elf_copy *copy, int stop)
{
	char path[PATH_MAX];
	const char *const argv[] = { "spoiled", NULL };
	struct harness_program program = {
		.path = path, .file = path, .argv = argv, .envp = no_env,
		.stop_before_jump = stop,
	};

	snprintf(path, sizeof(path), "%s/spoiled", scratch);
	write_file(path, copy->bytes, copy->len, 0755);
	harness_run_loader(&program, loader, &loaded);
	free(copy->bytes);
}

static void expect_exit(struct elf_copy *copy, int code, const char *what)
{
	run_spoiled(copy, 1);
	report(WIFEXITED(loaded.status) && WEXITSTATUS(loaded.status) == code &&
	       !loaded.reached_layout, "%s ends with %d", what, code);
	if (!WIFEXITED(loaded.status) || WEXITSTATUS(loaded.status) != code)
		printf("# status %x\n", (unsigned int)loaded.status);
}

static void test_hostile_headers(void)
{
	struct elf_copy copy;

	elf_read("probe-static", &copy);
	copy.ehdr->e_ident[1] = 'X';
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "no magic");

	elf_read("probe-static", &copy);
	copy.ehdr->e_machine = EM_386;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "another machine");

	elf_read("probe-static", &copy);
	copy.ehdr->e_phentsize = 32;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "program header of 32 bytes");

	elf_read("probe-static", &copy);
	copy.ehdr->e_phnum = 0xffff;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "65535 program headers");

	elf_read("probe-static", &copy);
	copy.ehdr->e_phnum = 0;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "no program headers");

	elf_read("probe-static", &copy);
	copy.ehdr->e_phoff = (copy.len + 0x10000) & ~7UL;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "headers behind the file");

	elf_read("probe-static", &copy);
	copy.ehdr->e_phoff = -8UL;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "headers at the end of numbers");

	elf_read("probe-static", &copy);
	copy.first->p_type = copy.last->p_type = PT_NULL;
	memset(copy.phdrs, 0, copy.ehdr->e_phnum * sizeof(*copy.phdrs));
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "no segments");
}

static void test_hostile_segments(void)
{
	struct elf_copy copy;

	elf_read("probe-static", &copy);
	copy.last->p_filesz = copy.last->p_memsz + 1;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "more in file than in memory");

	elf_read("probe-static", &copy);
	copy.last->p_memsz = ~0UL;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "all memory asked for");

	elf_read("probe-static-pie", &copy);
	copy.last->p_vaddr = -4096UL + copy.last->p_vaddr % 4096;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "a segment past the end");

	elf_read("probe-static", &copy);
	copy.last->p_offset++;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "offset and address at odds");

	elf_read("probe-static", &copy);
	copy.last->p_vaddr = KBOX_LOADER_BASE + copy.last->p_vaddr % 4096;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "a segment over the loader");

	elf_read("probe-static", &copy);
	copy.first->p_vaddr = KBOX_LOADER_BASE - 0x1000000;
	copy.first->p_memsz = 0x10000000;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "a bss over the loader");

	elf_read("probe-static", &copy);
	copy.len = (copy.last->p_offset + copy.last->p_filesz) & ~4095UL;
	copy.len -= 4096;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "a file cut short");

	elf_read("probe-static-pie", &copy);
	copy.last->p_align = 1UL << 62;
	expect_exit(&copy, KBOX_LOADER_EXIT_ELF, "alignment of 2^62");

	elf_read("probe-static-pie", &copy);
	copy.last->p_memsz = 0x7fff00000000UL;
	expect_exit(&copy, KBOX_LOADER_EXIT_MAP, "128 TiB of bss");
}

/* Good files that are seldom seen. */
static void test_unusual(void)
{
	struct elf_copy copy;
	size_t table;

	elf_read("probe-static-pie", &copy);
	copy.first->p_align = 2UL << 20;
	run_spoiled(&copy, 0);
	report(WIFEXITED(loaded.status) && WEXITSTATUS(loaded.status) == 3,
	       "a segment aligned to 2 MiB");

	/* The program headers across a page boundary behind everything. */
	elf_read("probe-static", &copy);
	table = copy.ehdr->e_phnum * sizeof(*copy.phdrs);
	copy.len = ((copy.len + 4095) & ~4095UL) + 4096 - 64;
	memcpy(copy.bytes + copy.len, copy.phdrs, table);
	copy.ehdr->e_phoff = copy.len;
	copy.len += table;
	run_spoiled(&copy, 1);
	report(loaded.reached_layout, "program headers far from the start");
}

/*
 * Any bytes in the headers: the loader must come to an end of its own. Only
 * signals that the host raises for a bad address are right beside exit codes.
 */
static void test_fuzz(const char *name)
{
	unsigned int seed = 12345, round, i, wrong = 0;
	struct elf_copy copy;
	size_t headers;
	int code;

	for (round = 0; round < FUZZ_ROUNDS; round++) {
		elf_read(name, &copy);
		headers = sizeof(*copy.ehdr) +
			  copy.ehdr->e_phnum * sizeof(*copy.phdrs);
		for (i = 0; i <= round % 5; i++) {
			size_t at = (size_t)rand_r(&seed) % headers;

			if (round & 1)
				copy.bytes[at] ^= 1 << rand_r(&seed) % 8;
			else
				copy.bytes[at] = (unsigned char)rand_r(&seed);
		}
		run_spoiled(&copy, 1);
		code = WIFEXITED(loaded.status) ? WEXITSTATUS(loaded.status) :
						  0;
		if (!loaded.reached_layout && code != KBOX_LOADER_EXIT_ELF &&
		    code != KBOX_LOADER_EXIT_MAP) {
			printf("# round %u: status %x\n", round,
			       (unsigned int)loaded.status);
			wrong++;
		}
	}
	report(!wrong, "%u spoiled copies of %s", FUZZ_ROUNDS, name);
}

static void test_no_plan(void)
{
	char path[PATH_MAX];
	const char *const argv[] = { "probe", NULL };
	struct harness_program program = {
		.path = in_folder(path, "probe-static"), .file = path,
		.argv = argv, .envp = no_env, .plan_error = EPERM,
	};

	harness_run_loader(&program, loader, &loaded);
	report(WIFEXITED(loaded.status) &&
	       WEXITSTATUS(loaded.status) == KBOX_LOADER_EXIT_PLAN,
	       "no plan ends with %d", KBOX_LOADER_EXIT_PLAN);
}

/* The file itself: where abi/loader.h says, and nothing to be written over. */
static void test_image(void)
{
	Elf64_Ehdr ehdr;
	Elf64_Phdr phdr;
	/* mov $15, %rax; syscall */
	static const unsigned char end_of_handler[] = {
		0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05,
	};
	unsigned char found[sizeof(end_of_handler)];
	int fd = open(loader, O_RDONLY | O_CLOEXEC), i, ok = 1, stack = 0;

	if (fd < 0 || pread(fd, &ehdr, sizeof(ehdr), 0) != sizeof(ehdr))
		harness_die(loader);
	for (i = 0; i < ehdr.e_phnum; i++) {
		if (pread(fd, &phdr, sizeof(phdr),
			  (off_t)(ehdr.e_phoff + i * sizeof(phdr))) !=
		    sizeof(phdr))
			harness_die(loader);
		if (phdr.p_type == PT_GNU_STACK)
			stack = !(phdr.p_flags & PF_X);
		else if (phdr.p_type != PT_LOAD)
			ok = 0;
		else if (phdr.p_vaddr < KBOX_LOADER_BASE ||
			 phdr.p_vaddr + phdr.p_memsz >
			 KBOX_LOADER_BASE + KBOX_LOADER_SIZE ||
			 (phdr.p_flags & PF_W && phdr.p_flags & PF_X))
			ok = 0;
	}
	report(ok && stack && ehdr.e_type == ET_EXEC,
	       "the loader's own segments");
	report(pread(fd, found, sizeof(found),
		     KBOX_LOADER_SIGRETURN - KBOX_LOADER_BASE) ==
			       sizeof(found) &&
		       !memcmp(found, end_of_handler, sizeof(found)) &&
		       KBOX_LOADER_SIGRETURN + sizeof(found) ==
			       KBOX_LOADER_SIGRETURN_IP,
	       "the end of handlers, as unwinders know it");
	close(fd);
}

int main(int argc, char **argv)
{
	static const char *const probes[] = {
		"probe-static", "probe-static-pie", "probe-pie",
		"probe-no-pie", "probe-execstack", "probe-musl-static",
		"probe-musl-pie", "probe-musl-no-pie",
	};
	char path[PATH_MAX];
	unsigned int i;

	if (argc != 3) {
		fprintf(stderr, "usage: %s LOADER PROBE_FOLDER\n", argv[0]);
		return 2;
	}
	loader = argv[1];
	folder = argv[2];
	if (!mkdtemp(scratch))
		harness_die(scratch);
	test_image();
	test_registers();
	test_no_plan();
	for (i = 0; i < sizeof(probes) / sizeof(*probes); i++) {
		if (access(in_folder(path, probes[i]), X_OK)) {
			printf("ok %u # SKIP %s was not built\n", ++tests,
			       probes[i]);
			continue;
		}
		test_probe(probes[i]);
		test_script(probes[i], "");
		test_script(probes[i], "argument");
	}
	for (i = 0; i < 3; i++) {
		test_program_address(probes[(unsigned int[]){ 0, 2, 3 }[i]]);
	}
	test_script("probe-pie",
		    "an-argument-that-is-much-longer-than-the-gap-on-the-stack-"
		    "so-that-it-reaches-down-over-the-vectors-themselves-"
		    "and-a-little-further");
	test_randomised("probe-pie");
	test_randomised("probe-static-pie");
	test_system("/bin/true", NULL, NULL);
	test_system("/bin/echo", "hello", "world");
	test_system("/usr/bin/busybox", "uname", "-m");
	test_system("/usr/bin/python3", "-c", "print(6 * 7)");
	test_system("/usr/bin/perl", "-e", "print 6 * 7");
	test_system("/bin/bash", "-c", "for i in 1 2; do /bin/echo $i; done");
	test_hostile_headers();
	test_hostile_segments();
	test_unusual();
	test_fuzz("probe-static");
	test_fuzz("probe-pie");
	printf("1..%u\n", tests);
	snprintf(path, sizeof(path), "%s/script", scratch);
	unlink(path);
	snprintf(path, sizeof(path), "%s/spoiled", scratch);
	unlink(path);
	rmdir(scratch);
	return failures != 0;
}
