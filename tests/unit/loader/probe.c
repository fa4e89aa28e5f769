// SPDX-License-Identifier: GPL-2.0-only
/*
 * A program that reports how it was started.
 *
 * Side: guest of the loader's test, and the same binary natively; the test
 * compares both outputs. Addresses are printed only with PROBE_ADDRESSES set,
 * for a run without randomisation. Built several ways: static or not, moved or
 * not, glibc or musl.
 */
#include <elf.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <time.h>
#include <unistd.h>

#define BSS_BYTES (8UL << 20)

/* The linker's: the start of the file in memory. */
extern const char __ehdr_start __attribute__((visibility("hidden")));

static char bss[BSS_BYTES];
static int data = 4711;
static int *const relocated = &data;
static __thread int tls = 42;
static int constructed;

static void __attribute__((constructor)) construct(void)
{
	constructed = 1;
}

static void check(const char *what, int ok)
{
	printf("%s: %s\n", what, ok ? "yes" : "NO");
}

static void show_strings(int argc, char **argv, char **envp)
{
	const char *expected = argv[0];
	int i, in_order = 1;

	printf("argc %d\n", argc);
	for (i = 0; i < argc; i++) {
		printf("argv %s\n", argv[i]);
		in_order &= argv[i] == expected;
		expected += strlen(expected) + 1;
	}
	for (i = 0; envp[i]; i++) {
		printf("envp %s\n", envp[i]);
		in_order &= envp[i] == expected;
		expected += strlen(expected) + 1;
	}
	check("argv ends", !argv[argc]);
	check("strings in one piece", in_order);
	check("stack aligned", !(((uintptr_t)argv - sizeof(*argv)) % 16));
}

static void show_phdrs(const Elf64_Phdr *phdr, unsigned long count,
		       unsigned long entry)
{
	unsigned long i, bias = 0, inside = 0;

	for (i = 0; i < count; i++)
		if (phdr[i].p_type == PT_LOAD && !phdr[i].p_offset)
			bias = (unsigned long)&__ehdr_start - phdr[i].p_vaddr;
	for (i = 0; i < count; i++) {
		if (phdr[i].p_type == PT_LOAD && phdr[i].p_flags & PF_X &&
		    entry - bias - phdr[i].p_vaddr < phdr[i].p_memsz)
			inside++;
		printf("phdr %u %u %lx\n", phdr[i].p_type, phdr[i].p_flags,
		       (unsigned long)phdr[i].p_memsz);
	}
	check("entry in a segment", inside == 1);
}

static void show_auxv(char **envp, int addresses)
{
	Elf64_auxv_t *aux;
	unsigned long i, sum = 0;

	while (*envp++)
		;
	for (aux = (Elf64_auxv_t *)envp; aux->a_type != AT_NULL; aux++) {
		unsigned long value = aux->a_un.a_val;
		const char *s = (const char *)value;

		switch (aux->a_type) {
		case AT_EXECFN:
		case AT_PLATFORM:
			printf("auxv %lu %s\n", aux->a_type, s);
			break;
		case AT_RANDOM:
			for (i = 0; i < 16; i++)
				sum += (unsigned char)s[i];
			printf("auxv random %s\n", sum ? "yes" : "NO");
			break;
		case AT_SYSINFO_EHDR:
			printf("auxv vdso %d\n", !memcmp(s, ELFMAG, SELFMAG));
			break;
		case AT_BASE:
			printf("auxv base %d\n",
			       value ? !memcmp(s, ELFMAG, SELFMAG) : -1);
			break;
		case AT_PHDR:
		case AT_ENTRY:
			if (addresses)
				printf("auxv %lu %lx\n", aux->a_type, value);
			break;
		default:
			printf("auxv %lu %lx\n", aux->a_type, value);
		}
	}
	show_phdrs((const Elf64_Phdr *)getauxval(AT_PHDR), getauxval(AT_PHNUM),
		   getauxval(AT_ENTRY));
}

static void show_memory(void)
{
	struct timespec now = { 0 };
	unsigned long i, sum = 0;
	char *block;

	for (i = 0; i < BSS_BYTES; i++)
		sum += (unsigned char)bss[i];
	check("bss is zero", !sum);
	memset(bss, 1, BSS_BYTES);
	check("data", *relocated == 4711 && tls == 42 && constructed);
	block = malloc(100000);
	check("malloc", block && memset(block, 7, 100000) && block[99999] == 7);
	free(block);
	check("vdso", !clock_gettime(CLOCK_MONOTONIC, &now) && now.tv_sec);
}

/* Mapped files and the stack, without what differs from run to run. */
static void show_maps(int addresses)
{
	FILE *file = fopen("/proc/self/maps", "re");
	unsigned long start, end, offset;
	char line[512], perms[8], name[256];

	while (file && fgets(line, sizeof(line), file)) {
		*name = 0;
		if (sscanf(line, "%lx-%lx %7s %lx %*s %*s %255s", &start, &end,
			   perms, &offset, name) < 4)
			continue;
		if (!strcmp(name, "[stack]"))
			printf("map stack %s\n", perms);
		else if (*name == '/' && !strstr(name, "/kbox-loader"))
			printf("map %s %lx %lx %s %lx\n", perms, offset,
			       end - start, name, addresses ? start : 0);
	}
	if (file)
		fclose(file);
}

int main(int argc, char **argv, char **envp)
{
	int addresses = !!getenv("PROBE_ADDRESSES");
	char name[16] = "";

	show_strings(argc, argv, envp);
	show_auxv(envp, addresses);
	show_memory();
	show_maps(addresses);
	prctl(PR_GET_NAME, name);
	printf("name %s\n", name);
	return 3;
}
