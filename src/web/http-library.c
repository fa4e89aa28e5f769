/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libmicrohttpd, loaded when a page is asked for.
 *
 * Side: host.
 */
#include "http-library.h"

#include <dlfcn.h>
#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "../base/log.h"
#include "../base/macros.h"

/* The version that the headers are of. */
#define NAME "libmicrohttpd.so.12"

int kbox_http_library_open(struct kbox_http_library *library)
{
	static const struct {
		const char *name;
		size_t offset;
	} functions[] = {
#define FUNCTION(name)                                                        \
	{ "MHD_" #name, offsetof(struct kbox_http_library, name) }
		FUNCTION(start_daemon),
		FUNCTION(stop_daemon),
		FUNCTION(lookup_connection_value),
		FUNCTION(create_response_from_buffer),
		FUNCTION(add_response_header),
		FUNCTION(queue_response),
		FUNCTION(destroy_response),
#undef FUNCTION
	};

	library->handle = dlopen(NAME, RTLD_NOW | RTLD_LOCAL);
	if (!library->handle) {
		kbox_debug("%s", dlerror());
		return -ENOENT;
	}
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(functions); i++) {
		void *function = dlsym(library->handle, functions[i].name);

		if (!function) {
			kbox_http_library_close(library);
			return -ENOENT;
		}
		memcpy((char *)library + functions[i].offset, &function,
		       sizeof(function));
	}
	return 0;
}

void kbox_http_library_close(struct kbox_http_library *library)
{
	if (library->handle)
		dlclose(library->handle);
	memset(library, 0, sizeof(*library));
}
