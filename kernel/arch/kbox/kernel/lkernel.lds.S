/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Link script of the relocatable object. Boundary symbols stand inside output
 * sections, so that the host's linker moves them along; everything that holds
 * addresses is writable, so that a position-independent host needs no
 * relocations in its text.
 */
#define LOAD_OFFSET 0
#define RO_EXCEPTION_TABLE_ALIGN 16
#include <asm/cache.h>
#include <asm/thread_info.h>
#include <asm-generic/vmlinux.lds.h>

SECTIONS
{
	.text : {
		_text = .;
		_stext = .;
		HEAD_TEXT
		TEXT_TEXT
		SCHED_TEXT
		LOCK_TEXT
		KPROBES_TEXT
		ENTRY_TEXT
		IRQENTRY_TEXT
		SOFTIRQENTRY_TEXT
		STATIC_CALL_TEXT
		_sinittext = .;
		INIT_TEXT
		_einittext = .;
		EXIT_TEXT
		_etext = .;
	}

	.rodata : {
		__start_rodata = .;
		*(.rodata .rodata.*)
		*(__tracepoints_strings)
		__end_rodata = .;
	}

	.data : {
		_sdata = .;
		INIT_TASK_DATA(THREAD_SIZE)
		PAGE_ALIGNED_DATA(PAGE_SIZE)
		CACHELINE_ALIGNED_DATA(64)
		READ_MOSTLY_DATA(64)
		DATA_DATA
		*(.data.rel.ro .data.rel.ro.*)
		*(.data.rel .data.rel.* .data.rel.local .data.rel.local.*)
		SCHED_DATA
		RO_AFTER_INIT_DATA
		. = ALIGN(8);
		BOUNDED_SECTION_BY(__tracepoints_ptrs, ___tracepoints_ptrs)
		. = ALIGN(8);
		BOUNDED_SECTION_BY(__param, ___param)
		. = ALIGN(8);
		BOUNDED_SECTION_BY(__modver, ___modver)
		. = ALIGN(8);
		BOUNDED_SECTION_BY(__ex_table, ___ex_table)
		. = ALIGN(8);
		BOUNDED_SECTION_BY(__bug_table, ___bug_table)
		. = ALIGN(8);
		BOUNDED_SECTION_PRE_LABEL(.builtin_fw, _builtin_fw, __start, __end)
		. = ALIGN(8);
		BOUNDED_SECTION_PRE_LABEL(runtime_shift_d_hash_shift, runtime_shift_d_hash_shift, __start_, __stop_)
		BOUNDED_SECTION_PRE_LABEL(runtime_ptr_dentry_hashtable, runtime_ptr_dentry_hashtable, __start_, __stop_)
		. = ALIGN(PAGE_SIZE);
		__per_cpu_load = .;
		PERCPU_INPUT(64)
		. = ALIGN(PAGE_SIZE);
		__init_begin = .;
		INIT_DATA
		EXIT_DATA
		INIT_SETUP(16)
		INIT_CALLS
		CON_INITCALL
		*(.ref.rodata)
		. = ALIGN(PAGE_SIZE);
		__init_end = .;
		_edata = .;
	}

	.notes : {
		BOUNDED_SECTION_BY(.note.Linux, _notes)
	}

	.bss : {
		__bss_start = .;
		*(.bss..page_aligned)
		*(.dynbss)
		*(.bss .bss.[0-9a-zA-Z_]* .bss..L*)
		*(COMMON)
		__bss_stop = .;
		_end = .;
	}

	jiffies = jiffies_64;

	/DISCARD/ : {
		EXIT_CALL
		COMMON_DISCARDS
		*(___ksymtab+* ___ksymtab_gpl+* ___kcrctab+* ___kcrctab_gpl+*)
		*(__ksymtab_strings)
		*(.eh_frame)
		*(.note.gnu.property)
		*(.comment)
	}
}
