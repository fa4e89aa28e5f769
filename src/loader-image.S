/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The loader's file as data of the supervisor, which writes it out for guests
 * to execute (src/launch).
 *
 * Side: host.
 */
	.section .rodata
	.balign 16
	.globl kbox_loader_image
	.globl kbox_loader_image_end
	.type kbox_loader_image, @object
kbox_loader_image:
	.incbin KBOX_LOADER_FILE
kbox_loader_image_end:
	.byte 0
	.size kbox_loader_image, kbox_loader_image_end - kbox_loader_image
	.section .note.GNU-stack, "", @progbits
