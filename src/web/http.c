/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Requests to the page, and their answers.
 *
 * Side: host. Invariants are in http.h. Sources: RFC 9110; the documentation
 * of libmicrohttpd; CSP Level 3 of the W3C.
 */
#include "http.h"

#include <errno.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/macros.h"
#include "assets.h"

static const struct {
	const char *name, *value;
} headers[] = {
	{ "Content-Security-Policy",
	  "default-src 'none'; script-src 'self'; style-src 'self'; "
	  "img-src 'self'; connect-src 'self'; base-uri 'none'; "
	  "form-action 'none'; frame-ancestors 'none'" },
	{ "X-Content-Type-Options", "nosniff" },
	{ "Referrer-Policy", "no-referrer" },
	{ "Cross-Origin-Resource-Policy", "same-origin" },
	{ "Cross-Origin-Opener-Policy", "same-origin" },
	{ "Cache-Control", "no-store" },
};

static const char json_type[] = "application/json";

/* Queue an answer of @len bytes, copied or not as @mode says. */
static enum MHD_Result answer(const struct kbox_http *http,
			      struct MHD_Connection *connection,
			      unsigned int status, const char *type,
			      const void *text, size_t len,
			      enum MHD_ResponseMemoryMode mode)
{
	const struct kbox_http_library *mhd = &http->library;
	struct MHD_Response *response = mhd->create_response_from_buffer(
		len, (void *)(unsigned long)text, mode);
	enum MHD_Result result;

	if (!response)
		return MHD_NO;
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(headers); i++)
		mhd->add_response_header(response, headers[i].name,
					 headers[i].value);
	mhd->add_response_header(response, "Content-Type", type);
	if (status == MHD_HTTP_UNAUTHORIZED)
		mhd->add_response_header(response, "WWW-Authenticate",
					 "Bearer");
	if (status == MHD_HTTP_METHOD_NOT_ALLOWED)
		mhd->add_response_header(response, "Allow", "GET, HEAD");
	result = mhd->queue_response(connection, status, response);
	mhd->destroy_response(response);
	return result;
}

static enum MHD_Result refuse(const struct kbox_http *http,
			      struct MHD_Connection *connection,
			      unsigned int status, const char *why)
{
	char text[128];
	int len = snprintf(text, sizeof(text), "{\"error\":\"%s\"}\n", why);

	return answer(http, connection, status, json_type, text, (size_t)len,
		      MHD_RESPMEM_MUST_COPY);
}

/* Or NULL. */
static const char *header_of(const struct kbox_http *http,
			     struct MHD_Connection *connection,
			     const char *name)
{
	return http->library.lookup_connection_value(connection,
						     MHD_HEADER_KIND, name);
}

static bool is_our_host(const struct kbox_http *http, const char *host)
{
	char ours[32];

	if (!host)
		return false;
	snprintf(ours, sizeof(ours), "127.0.0.1:%u", http->port);
	if (!strcmp(host, ours))
		return true;
	snprintf(ours, sizeof(ours), "localhost:%u", http->port);
	return !strcasecmp(host, ours);
}

/* How long it takes does not tell how much of it is right. */
static bool is_authorized(const struct kbox_http *http, const char *value)
{
	static const char scheme[] = "Bearer ";
	unsigned char differs = 0;

	if (!value || strncasecmp(value, scheme, strlen(scheme)))
		return false;
	value += strlen(scheme);
	if (strlen(value) != KBOX_WEB_TOKEN_CHARS - 1)
		return false;
	for (unsigned int i = 0; i < KBOX_WEB_TOKEN_CHARS - 1; i++)
		differs |= (unsigned char)(value[i] ^ http->token[i]);
	return !differs;
}

static const char *parameter_of(const struct kbox_http *http,
				struct MHD_Connection *connection,
				const char *name)
{
	return http->library.lookup_connection_value(
		connection, MHD_GET_ARGUMENT_KIND, name);
}

static enum MHD_Result give_source(const struct kbox_http *http,
				   struct MHD_Connection *connection,
				   const struct kbox_http_source *source)
{
	const char *after = parameter_of(http, connection, "after");
	const char *why = "that cannot be asked for";
	struct kbox_json json = { 0 };
	char *end = NULL;
	struct kbox_http_query query = {
		.after = after ? strtoull(after, &end, 10) : 0,
		.filter = parameter_of(http, connection, "filter"),
	};
	int err;

	if (after && (*after < '0' || *after > '9' || *end))
		return refuse(http, connection, MHD_HTTP_BAD_REQUEST,
			      "after is a number");
	err = source->get(http->arg, source->what, &query, &json, &why);
	if (!err && !json.failed)
		/* The response frees the text. */
		return answer(http, connection, MHD_HTTP_OK, json_type,
			      json.text, json.len, MHD_RESPMEM_MUST_FREE);
	kbox_json_done(&json);
	if (err == -EINVAL)
		return refuse(http, connection, MHD_HTTP_BAD_REQUEST, why);
	return refuse(http, connection, MHD_HTTP_SERVICE_UNAVAILABLE,
		      err == -ESHUTDOWN ? "the box has ended" :
					  "the supervisor is busy");
}

static enum MHD_Result give_api(const struct kbox_http *http,
				struct MHD_Connection *connection,
				const char *path)
{
	const struct kbox_http_source *source = http->sources;

	if (!is_authorized(http, header_of(http, connection, "Authorization")))
		return refuse(http, connection, MHD_HTTP_UNAUTHORIZED,
			      "the token is missing or wrong");
	for (; source->path; source++)
		if (!strcmp(source->path, path))
			return give_source(http, connection, source);
	return refuse(http, connection, MHD_HTTP_NOT_FOUND, "no such list");
}

static enum MHD_Result give_asset(const struct kbox_http *http,
				  struct MHD_Connection *connection,
				  const char *path)
{
	for (const struct kbox_asset *asset = kbox_assets; asset->path; asset++)
		if (!strcmp(asset->path, path))
			return answer(http, connection, MHD_HTTP_OK,
				      asset->type, asset->text,
				      (size_t)(asset->end - asset->text),
				      MHD_RESPMEM_PERSISTENT);
	return refuse(http, connection, MHD_HTTP_NOT_FOUND, "no such page");
}

static enum MHD_Result handle(void *arg, struct MHD_Connection *connection,
			      const char *path, const char *method,
			      const char *version, const char *data,
			      size_t *data_len, void **request)
{
	const struct kbox_http *http = arg;

	(void)version;
	(void)data;
	/* Called again and again while a body comes; there is none to read. */
	if (!*request) {
		*request = connection;
		return MHD_YES;
	}
	if (*data_len) {
		*data_len = 0;
		return MHD_YES;
	}
	if (!is_our_host(http, header_of(http, connection, "Host")))
		return refuse(http, connection, MHD_HTTP_FORBIDDEN,
			      "the page is at 127.0.0.1 and localhost only");
	if (strcmp(method, "GET") && strcmp(method, "HEAD"))
		return refuse(http, connection, MHD_HTTP_METHOD_NOT_ALLOWED,
			      "there is nothing to change");
	if (!strncmp(path, "/api/", 5))
		return give_api(http, connection, path);
	return give_asset(http, connection, path);
}

static int make_token(char *token)
{
	unsigned char bytes[(KBOX_WEB_TOKEN_CHARS - 1) / 2];

	if (getrandom(bytes, sizeof(bytes), 0) != sizeof(bytes))
		return -EIO;
	for (unsigned int i = 0; i < sizeof(bytes); i++)
		snprintf(token + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}

static int listen_on(struct kbox_http *http, unsigned int port)
{
	struct sockaddr_in addr = {
		.sin_family = AF_INET,
		.sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK),
	};
	socklen_t len = sizeof(addr);
	const int one = 1;
	KBOX_CLEANUP_CLOSE int fd = socket(AF_INET,
		SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return -errno;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(fd, (struct sockaddr *)&addr, sizeof(addr)) < 0 ||
	    listen(fd, KBOX_WEB_CONNECTIONS_MAX) < 0 ||
	    getsockname(fd, (struct sockaddr *)&addr, &len) < 0)
		return -errno;
	http->port = ntohs(addr.sin_port);
	http->fd = KBOX_TAKE_FD(fd);
	return 0;
}

int kbox_http_open(struct kbox_http *http, unsigned int port,
		   const char **ret_why)
{
	int err;

	memset(http, 0, sizeof(*http));
	http->fd = -1;
	*ret_why = NULL;
	err = make_token(http->token);
	if (!err)
		err = listen_on(http, port);
	if (err) {
		if (err == -EADDRINUSE)
			*ret_why = "the port is in use; without one, --web "
				   "takes any that is free";
		else if (err == -EACCES)
			*ret_why = "ports below 1024 are root's";
		return err;
	}
	err = kbox_http_library_open(&http->library);
	if (err) {
		*ret_why = "libmicrohttpd is missing; install the package "
			   "libmicrohttpd12";
		kbox_http_close(http);
	}
	return err;
}

int kbox_http_start(struct kbox_http *http,
		    const struct kbox_http_source *sources, void *arg)
{
	sigset_t all, before;

	http->sources = sources;
	http->arg = arg;
	/* Signals are the supervisor's own business. */
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	http->daemon = http->library.start_daemon(
		MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, handle, http,
		MHD_OPTION_LISTEN_SOCKET, http->fd,
		MHD_OPTION_CONNECTION_LIMIT, KBOX_WEB_CONNECTIONS_MAX,
		MHD_OPTION_CONNECTION_TIMEOUT, KBOX_WEB_TIMEOUT_S,
		MHD_OPTION_CONNECTION_MEMORY_LIMIT,
		(size_t)KBOX_WEB_CONNECTION_BYTES, MHD_OPTION_END);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (!http->daemon)
		return -EIO;
	/* It closes the socket when it stops. */
	http->fd = -1;
	return 0;
}

void kbox_http_stop(struct kbox_http *http)
{
	if (http->daemon)
		http->library.stop_daemon(http->daemon);
	http->daemon = NULL;
}

void kbox_http_close(struct kbox_http *http)
{
	kbox_http_stop(http);
	http->fd = kbox_close(http->fd);
	kbox_http_library_close(&http->library);
}
