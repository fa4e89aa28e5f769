/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * libmicrohttpd, loaded when a page is asked for.
 *
 * Side: host. It needs GnuTLS, and that a dozen libraries more, whose loading
 * alone takes longer than a box that runs /bin/true; they cannot be linked in
 * either, since p11-kit, one of them, has no static library.
 */
#ifndef KBOX_WEB_HTTP_LIBRARY_H
#define KBOX_WEB_HTTP_LIBRARY_H

#include <microhttpd.h>

/* Its functions, by their names there. */
struct kbox_http_library {
	void *handle;
	__typeof__(MHD_start_daemon) *start_daemon;
	__typeof__(MHD_stop_daemon) *stop_daemon;
	__typeof__(MHD_lookup_connection_value) *lookup_connection_value;
	__typeof__(MHD_create_response_from_buffer) *create_response_from_buffer;
	__typeof__(MHD_add_response_header) *add_response_header;
	__typeof__(MHD_queue_response) *queue_response;
	__typeof__(MHD_destroy_response) *destroy_response;
};

/* 0, or -ENOENT when it is not there or not what it should be. */
int kbox_http_library_open(struct kbox_http_library *library);
void kbox_http_library_close(struct kbox_http_library *library);

#endif
