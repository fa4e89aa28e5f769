/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The files that the page is made of.
 *
 * Side: host. assets.S has their bytes.
 */
#include "assets.h"

#include <stddef.h>

#define ASSETS(ASSET)                                                         \
	ASSET("/", "text/html; charset=utf-8", kbox_page_html) \
	ASSET("/page.css", "text/css; charset=utf-8", kbox_page_css) \
	ASSET("/page.js", "text/javascript; charset=utf-8", kbox_page_js) \
	ASSET("/api.js", "text/javascript; charset=utf-8", kbox_api_js) \
	ASSET("/draw.js", "text/javascript; charset=utf-8", kbox_draw_js) \
	ASSET("/events.js", "text/javascript; charset=utf-8", kbox_events_js) \
	ASSET("/lists.js", "text/javascript; charset=utf-8", kbox_lists_js) \
	ASSET("/overview.js", "text/javascript; charset=utf-8", kbox_overview_js) \
	ASSET("/icon.svg", "image/svg+xml", kbox_icon_svg)

#define DECLARE(path, type, symbol) extern const char symbol[], symbol##_end[];
#define ENTRY(path, type, symbol) { path, type, symbol, symbol##_end },

ASSETS(DECLARE)

const struct kbox_asset kbox_assets[] = {
	ASSETS(ENTRY)
	{ NULL, NULL, NULL, NULL },
};
