/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files that the page is made of, as data.
 *
 * Side: host. -I leads to src/web/page.
 */
	.section .rodata

	.macro asset symbol, file
	.globl \symbol
	.globl \symbol\()_end
	.type \symbol, @object
\symbol:
	.incbin "\file"
\symbol\()_end:
	.byte 0
	.size \symbol, \symbol\()_end - \symbol
	.endm

	asset kbox_page_html, page.html
	asset kbox_page_css, page.css
	asset kbox_page_js, page.js
	asset kbox_api_js, api.js
	asset kbox_draw_js, draw.js
	asset kbox_events_js, events.js
	asset kbox_lists_js, lists.js
	asset kbox_overview_js, overview.js
	asset kbox_icon_svg, icon.svg

	.section .note.GNU-stack, "", @progbits
