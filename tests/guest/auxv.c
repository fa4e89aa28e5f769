/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The auxiliary vector fits the program: headers, entry, base of the
 * interpreter, name, identity, vDSO, page size, random bytes.
 * Run: root dyn glibc gdyn
 */
#include "guest.h"
#include <elf.h>
#include <link.h>
#include <sys/auxv.h>

extern char **environ;
extern const ElfW(Ehdr) __ehdr_start __attribute__((weak, visibility("hidden")));
void _start(void);

int main(int argc, char **argv)
{
	const ElfW(Phdr) *ph = (void *)getauxval(AT_PHDR);
	const ElfW(Ehdr) *eh, *vdso = (void *)getauxval(AT_SYSINFO_EHDR);
	unsigned long base = getauxval(AT_BASE), i, n = getauxval(AT_PHNUM);
	const char *fn = (const char *)getauxval(AT_EXECFN);
	const unsigned char *random = (void *)getauxval(AT_RANDOM);
	char exe[PATH_MAX] = "", auxv[4096];
	int interp = 0, zero = 1, stack_exec = -1, fd;
	ssize_t len;
	long heap = syscall(SYS_brk, 0);

	say("argc: %d argv ends: %d", argc, argv[argc] == NULL);
	say("env follows argv: %d", environ == argv + argc + 1);
	say("AT_PHENT: %d", (int)getauxval(AT_PHENT));
	say("AT_PHNUM: %d", (int)n);
	say("AT_PAGESZ: %d", (int)getauxval(AT_PAGESZ));
	say("AT_CLKTCK: %d", (int)getauxval(AT_CLKTCK));
	say("AT_FLAGS: %d", (int)getauxval(AT_FLAGS));
	say("AT_SECURE: %d", (int)getauxval(AT_SECURE));
	say("AT_ENTRY is _start: %d", getauxval(AT_ENTRY) == (unsigned long)_start);
	say("AT_UID etc.: %d %d %d %d", getauxval(AT_UID) == getuid(), getauxval(AT_EUID) == geteuid(),
	    getauxval(AT_GID) == getgid(), getauxval(AT_EGID) == getegid());
	say("AT_PLATFORM: %s", (const char *)getauxval(AT_PLATFORM));
	say("AT_HWCAP set: %d", getauxval(AT_HWCAP) != 0);
	say("AT_MINSIGSTKSZ set: %d", getauxval(51) != 0);
	for (i = 0; ph && i < n; i++) {
		interp |= ph[i].p_type == PT_INTERP;
		if (ph[i].p_type == PT_GNU_STACK)
			stack_exec = !!(ph[i].p_flags & PF_X);
	}
	say("interpreter: %d, AT_BASE set: %d", interp, base != 0);
	say("stack executable: %d", stack_exec);
	eh = (void *)((unsigned long)ph & ~4095UL);
	say("header before AT_PHDR: %d", ph && !memcmp(eh->e_ident, ELFMAG, 4) &&
	    (unsigned long)eh + eh->e_phoff == (unsigned long)ph);
	say("AT_BASE is ELF: %d", !base || !memcmp((void *)base, ELFMAG, 4));
	say("vDSO: %d", vdso && !memcmp(vdso->e_ident, ELFMAG, 4));
	for (i = 0; random && i < 16; i++)
		zero &= random[i] == 0;
	say("AT_RANDOM filled: %d", random && !zero);
	MUST(readlink("/proc/self/exe", exe, sizeof(exe) - 1));
	say("AT_EXECFN is the program: %d", fn && !strcmp(strrchr(fn, '/') + 1, strrchr(exe, '/') + 1));
	say("no memfd in AT_EXECFN: %d", fn && !strstr(fn, "memfd") && !strstr(fn, "/dev/fd"));
	fd = open("/proc/self/auxv", O_RDONLY);
	len = read(fd, auxv, sizeof(auxv));
	say("/proc/self/auxv: %d", len > 0 && len % 16 == 0);
	say("stack aligned: %d", ((unsigned long)__builtin_frame_address(0) & 15) == 0);
	say("brk works: %d", heap > 0 && syscall(SYS_brk, heap + 8192) == heap + 8192);
	return 0;
}
