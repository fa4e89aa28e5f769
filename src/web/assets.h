/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files that the page is made of, as they lie in src/web/page.
 *
 * Side: host.
 */
#ifndef KBOX_WEB_ASSETS_H
#define KBOX_WEB_ASSETS_H

struct kbox_asset {
	const char *path;	/* of its URL; NULL ends the list */
	const char *type;
	const char *text, *end;
};

extern const struct kbox_asset kbox_assets[];

#endif
