// SPDX-License-Identifier: GPL-2.0-only
/*
 * Is this file a program for us, and what is its interpreter?
 *
 * Side: kernel. exec.c asks before it commits the host to anything; mapping
 * the segments is the work of the loader, in the guest.
 *
 * The checks and errors are those of fs/binfmt_elf.c up to its point of no
 * return, so that a program that it refuses is refused here in the same way.
 * Program headers are at most 64 KiB, the interpreter's path at most PATH_MAX.
 */
#include <linux/binfmts.h>
#include <linux/elf.h>
#include <linux/err.h>
#include <linux/file.h>
#include <linux/fs.h>
#include <linux/slab.h>

#include "kbox-drivers.h"

static int read_exactly(struct file *file, void *buf, size_t len, loff_t pos)
{
	ssize_t n = kernel_read(file, buf, len, &pos);

	if (n < 0)
		return n;
	return n == len ? 0 : -EIO;
}

static bool header_ok(const struct elfhdr *ehdr)
{
	return !memcmp(ehdr->e_ident, ELFMAG, SELFMAG) &&
	       ehdr->e_ident[EI_CLASS] == ELFCLASS64 &&
	       (ehdr->e_type == ET_EXEC || ehdr->e_type == ET_DYN) &&
	       elf_check_arch(ehdr);
}

/* The program headers; to be freed with kfree(). NULL for any flaw. */
static struct elf_phdr *read_phdrs(struct file *file, const struct elfhdr *ehdr)
{
	size_t size = sizeof(struct elf_phdr) * ehdr->e_phnum;
	struct elf_phdr *phdrs;

	if (ehdr->e_phentsize != sizeof(struct elf_phdr) || !size ||
	    size > 65536)
		return NULL;
	phdrs = kmalloc(size, GFP_KERNEL);
	if (phdrs && read_exactly(file, phdrs, size, ehdr->e_phoff)) {
		kfree(phdrs);
		return NULL;
	}
	return phdrs;
}

/* The interpreter that @phdr names, opened as for execution. */
static struct file *open_interp(struct linux_binprm *bprm,
				const struct elf_phdr *phdr)
{
	struct file *interp;
	char *path;
	int err;

	if (phdr->p_filesz > PATH_MAX || phdr->p_filesz < 2)
		return ERR_PTR(-ENOEXEC);
	path = kmalloc(phdr->p_filesz, GFP_KERNEL);
	if (!path)
		return ERR_PTR(-ENOMEM);
	err = read_exactly(bprm->file, path, phdr->p_filesz, phdr->p_offset);
	if (err)
		interp = ERR_PTR(err);
	else if (path[phdr->p_filesz - 1])
		interp = ERR_PTR(-ENOEXEC);
	else
		interp = open_exec(path);
	kfree(path);
	return interp;
}

static int check_interp(struct linux_binprm *bprm, struct file *interp)
{
	struct elf_phdr *phdrs;
	struct elfhdr ehdr;
	int err;

	/* A program that may not be read makes its process undumpable. */
	would_dump(bprm, interp);
	err = read_exactly(interp, &ehdr, sizeof(ehdr), 0);
	if (err)
		return err;
	if (!header_ok(&ehdr))
		return -ELIBBAD;
	phdrs = read_phdrs(interp, &ehdr);
	kfree(phdrs);
	return phdrs ? 0 : -ELIBBAD;
}

/*
 * 0 when bprm->file is a program that can run; *@ret_interp is then its
 * interpreter or NULL, opened by open_exec(): to be closed with
 * exe_file_allow_write_access() and fput(). -ENOEXEC lets other formats try.
 */
int kbox_elf_check(struct linux_binprm *bprm, struct file **ret_interp)
{
	const struct elfhdr *ehdr = (const struct elfhdr *)bprm->buf;
	struct file *interp = NULL;
	struct elf_phdr *phdrs;
	int i, err = 0;

	if (!header_ok(ehdr) || !bprm->file->f_op->mmap)
		return -ENOEXEC;
	phdrs = read_phdrs(bprm->file, ehdr);
	if (!phdrs)
		return -ENOEXEC;
	for (i = 0; i < ehdr->e_phnum; i++)
		if (phdrs[i].p_type == PT_INTERP)
			break;
	if (i < ehdr->e_phnum)
		interp = open_interp(bprm, &phdrs[i]);
	kfree(phdrs);
	if (IS_ERR(interp))
		return PTR_ERR(interp);

	if (interp)
		err = check_interp(bprm, interp);
	if (err) {
		exe_file_allow_write_access(interp);
		fput(interp);
		return err;
	}
	*ret_interp = interp;
	return 0;
}
