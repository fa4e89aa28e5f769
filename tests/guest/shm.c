/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * System V shared memory: keys, rights, sharing across fork and exec, what is
 * counted, removal while attached, bad use.
 * Run: root glibc
 */
#include "guest.h"
#include <sys/ipc.h>
#include <sys/shm.h>

#define SIZE (3 * 4096 + 100)
#define KEY 0x6b626f78

static void show_stat(const char *name, int id)
{
	struct shmid_ds ds;

	memset(&ds, 0, sizeof(ds));
	if (SHOW(name, shmctl(id, IPC_STAT, &ds)) < 0)
		return;
	say("%s: size %d mode %o attached %d key %d uid %d creator %d last %d times %d %d %d",
	    name, (int)ds.shm_segsz, ds.shm_perm.mode, (int)ds.shm_nattch,
	    ds.shm_perm.__key == KEY, ds.shm_perm.uid == geteuid(),
	    ds.shm_cpid == getpid(), ds.shm_lpid == 0 ? 0 : ds.shm_lpid == getpid() ? 1 : 2,
	    ds.shm_atime != 0, ds.shm_dtime != 0, ds.shm_ctime != 0);
}

static void *attach(const char *name, int id, const void *addr, int flags)
{
	void *at = shmat(id, addr, flags);

	show_value(name, at == (void *)-1 ? -1 : 0, errno);
	return at;
}

static void sharing(void)
{
	int id = (int)SHOW_OK("shmget", shmget(IPC_PRIVATE, SIZE, IPC_CREAT | 0640));
	char *a, *b;
	pid_t pid;

	show_stat("new", id);
	a = attach("attach", id, NULL, 0);
	b = attach("attach read-only", id, NULL, SHM_RDONLY);
	say("zero %d end %d", a[0] | a[SIZE - 1], a[4 * 4096 - 1]);
	show_stat("attached", id);
	strcpy(a, "written");
	say("seen: %s", b);
	SHOW("read-only stays", mprotect(b, 4096, PROT_READ | PROT_WRITE));
	pid = CHILD({
		show_stat("in a child", id);
		strcpy(a + 4096, "by the child");
		SHOW("detach", shmdt(b));
		show_stat("detached there", id);
		_exit(4);
	});
	SHOW("child", wait_code(pid));
	say("seen: %s", b + 4096);
	show_stat("after the child", id);
	SHOW("detach", shmdt(b));
	SHOW("detach again", shmdt(b));
	SHOW("detach elsewhere", shmdt(a + 4096));
	b = attach("at an address", id, b, 0);
	say("seen: %s", b);
	attach("in use", id, a, 0);
	SHOW("replace", attach("remap", id, a, SHM_REMAP) == a);
	attach("unaligned", id, b + 100, 0);
	SHOW("unmap", munmap(b, 4 * 4096));
	show_stat("unmapped", id);
	SHOW("remove", shmctl(id, IPC_RMID, NULL));
	show_stat("removed", id);
	b = attach("attach a removed one", id, NULL, 0);
	say("seen: %s", b == (void *)-1 ? "-" : b);
	shmdt(b);
	SHOW("detach", shmdt(a));
	show_stat("gone", id);
	attach("attach", id, NULL, 0);
	SHOW("remove again", shmctl(id, IPC_RMID, NULL));
}

static void keys(void)
{
	int id, other;
	char *a;

	SHOW("missing", shmget(KEY, SIZE, 0));
	SHOW("empty", shmget(KEY, 0, IPC_CREAT | 0600));
	SHOW("too large", shmget(KEY, (size_t)-1, IPC_CREAT | 0600));
	id = (int)SHOW_OK("create", shmget(KEY, SIZE, IPC_CREAT | IPC_EXCL | 0600));
	SHOW("exclusive", shmget(KEY, SIZE, IPC_CREAT | IPC_EXCL | 0600));
	SHOW("again", shmget(KEY, SIZE, IPC_CREAT | 0600) == id);
	SHOW("find", shmget(KEY, 0, 0) == id);
	SHOW("larger", shmget(KEY, SIZE + 1, IPC_CREAT | 0600));
	other = (int)SHOW_OK("private", shmget(IPC_PRIVATE, 1, 0600));
	SHOW("another", other != id);
	a = attach("attach", id, NULL, 0);
	SHOW("remove", shmctl(id, IPC_RMID, NULL));
	SHOW("key is free", shmget(KEY, SIZE, 0));
	id = (int)SHOW_OK("create again", shmget(KEY, SIZE, IPC_CREAT | 0600));
	show_stat("new", id);
	SHOW("remove", shmctl(id, IPC_RMID, NULL));
	shmdt(a);
	SHOW("remove", shmctl(other, IPC_RMID, NULL));
}

static void rights(void)
{
	int id = (int)SHOW_OK("shmget", shmget(IPC_PRIVATE, SIZE, 0400));
	struct shmid_ds ds;

	shmdt(attach("write to read-only", id, NULL, 0));
	shmdt(attach("read", id, NULL, SHM_RDONLY));
	SHOW("stat", shmctl(id, IPC_STAT, &ds));
	ds.shm_perm.mode = 0600;
	SHOW("set", shmctl(id, IPC_SET, &ds));
	shmdt(attach("write", id, NULL, 0));
	ds.shm_perm.mode = 0;
	SHOW("set", shmctl(id, IPC_SET, &ds));
	if (geteuid() == 0) {
		pid_t pid = CHILD({
			MUST(setresuid(12345, 12345, 12345));
			attach("foreign read", id, NULL, SHM_RDONLY);
			SHOW("foreign stat", shmctl(id, IPC_STAT, &ds));
			SHOW("foreign remove", shmctl(id, IPC_RMID, NULL));
			_exit(0);
		});

		SHOW("child", wait_code(pid));
	} else {
		attach("read without right", id, NULL, SHM_RDONLY);
	}
	SHOW("lock", shmctl(id, SHM_UNLOCK, NULL));
	SHOW("remove", shmctl(id, IPC_RMID, NULL));
}

static void bad(void)
{
	int id = shmget(IPC_PRIVATE, SIZE, 0600);

	attach("no such number", 0x7ffffff0, NULL, 0);
	attach("negative", -5, NULL, 0);
	attach("remap nowhere", id, NULL, SHM_REMAP);
	SHOW("no such command", shmctl(id, 4711, NULL));
	SHOW("bad pointer", syscall(SYS_shmctl, id, IPC_STAT, 0x10));
	SHOW("no such number", shmctl(0x7ffffff0, IPC_RMID, NULL));
	SHOW("detach nothing", shmdt((void *)0x10000));
	SHOW("remove", shmctl(id, IPC_RMID, NULL));
}

/* Larger than the box's own RAM, and a process that ends attached. */
static void large(void)
{
	size_t size = (size_t)300 << 20;
	int id = (int)SHOW_OK("large", shmget(IPC_PRIVATE, size, 0600));
	char *a = attach("attach", id, NULL, 0);
	pid_t pid;

	if (a == (void *)-1)
		return;
	a[size - 1] = 7;
	pid = CHILD({
		SHOW("remove", shmctl(id, IPC_RMID, NULL));
		show_stat("removed", id);
		_exit(a[size - 1]);
	});
	SHOW("child", wait_code(pid));
	show_stat("still there", id);
	shmdt(a);
	show_stat("gone", id);
}

int main(void)
{
	sharing();
	keys();
	rights();
	bad();
	large();
	return 0;
}
