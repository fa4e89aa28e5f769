/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * An OCI layout, written; see layout.h.
 *
 * Side: host.
 */
#include "layout.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "../base/macros.h"

#define MEDIA_TYPE "application/vnd.oci.image."

/* What layers may be compressed with, and how their type says so. */
static const struct {
	const char *compression, *media_type;
} kinds[] = {
	{ "", MEDIA_TYPE "layer.v1.tar" },
	{ "gzip", MEDIA_TYPE "layer.v1.tar+gzip" },
	{ "zstd", MEDIA_TYPE "layer.v1.tar+zstd" },
};

static const char *media_type(const char *compression)
{
	for (unsigned int i = 0; i < KBOX_ARRAY_SIZE(kinds); i++)
		if (!strcmp(kinds[i].compression,
			    compression ? compression : ""))
			return kinds[i].media_type;
	return NULL;
}

bool kbox_layout_compresses(const char *compression)
{
	return media_type(compression);
}

/* Runs of letters and digits, and between any two of them what separates. */
bool kbox_layout_tags(const char *reference)
{
	static const char run[] = "abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

	for (;;) {
		size_t len = strspn(reference, run);

		reference += len;
		if (!len || !*reference)
			return len;
		if (!strchr("-._:@+/", *reference))
			return false;
		reference += strncmp(reference, "--", 2) ? 1 : 2;
	}
}

static int complain(const struct kbox_layout *layout, int err)
{
	kbox_error("%s: cannot be written: %s", layout->name, strerror(-err));
	return err;
}

static void name_of(const char *digest, char *name, size_t size)
{
	snprintf(name, size, "blobs/sha256/%s", strchr(digest, ':') + 1);
}

#define NAME_BYTES (sizeof("blobs/sha256/") + KBOX_DIGEST_CHARS)

static int send_contents(const struct kbox_layout *layout,
			 struct kbox_sink *sink)
{
	KBOX_CLEANUP_FREE void *buf = malloc(KBOX_IMAGE_CHUNK_BYTES);
	unsigned long long at = 0;
	int err = buf ? 0 : complain(layout, -ENOMEM);

	while (!err && at < layout->layer.bytes) {
		ssize_t n = kbox_blob_read(&layout->layer, buf,
					   KBOX_IMAGE_CHUNK_BYTES, at);

		if (n <= 0)
			return complain(layout, n ? (int)n : -EIO);
		err = sink->data(sink, buf, (size_t)n, at);
		at += (unsigned long long)n;
	}
	return err ? err : sink->end(sink);
}

static int send_layer(const struct kbox_layout *layout, struct kbox_sink *sink,
		      const char *digest)
{
	struct archive_entry *entry = archive_entry_new();
	char name[NAME_BYTES];
	int err;

	if (!entry)
		return complain(layout, -ENOMEM);
	name_of(digest, name, sizeof(name));
	archive_entry_copy_pathname(entry, name);
	archive_entry_set_mode(entry, S_IFREG | 0644);
	archive_entry_set_size(entry, (long long)layout->layer.bytes);
	archive_entry_set_mtime(entry, 0, 0);
	err = sink->entry(sink, entry);
	if (!err)
		err = send_contents(layout, sink);
	archive_entry_free(entry);
	return err;
}

static json_t *describe(const char *type, const char *digest,
			unsigned long long bytes)
{
	return json_pack("{s:s, s:s, s:I}", "mediaType", type, "digest", digest,
			 "size", (json_int_t)bytes);
}

/*
 * A piece of JSON under the name @path, or as a blob under its digest when that
 * is NULL. Consumes @json. A descriptor of it in *@ret_descriptor, the caller's.
 */
static int send_json(const struct kbox_layout *layout, struct kbox_sink *sink,
		     const char *path, json_t *json, const char *type,
		     json_t **ret_descriptor)
{
	KBOX_CLEANUP_FREE char *text = json ? json_dumps(json, JSON_COMPACT) :
					      NULL;
	char digest[KBOX_DIGEST_CHARS + 1], name[NAME_BYTES];
	struct sha256_ctx state;
	int err;

	json_decref(json);
	if (!text)
		return complain(layout, -ENOMEM);
	sha256_init(&state);
	sha256_update(&state, strlen(text), (const uint8_t *)text);
	kbox_digest_print(&state, digest);
	name_of(digest, name, sizeof(name));
	err = kbox_sink_put_file(sink, path ? path : name, text, strlen(text),
				 0);
	if (err || !ret_descriptor)
		return err;
	*ret_descriptor = describe(type, digest, strlen(text));
	return *ret_descriptor ? 0 : complain(layout, -ENOMEM);
}

/*
 * What the image was made from says of itself, but that its layers are one now;
 * a new object. The history of layers must have as many as there are.
 */
static json_t *make_config(const struct kbox_layout *layout)
{
	json_t *config = layout->config ? json_copy(layout->config) :
					  json_object();

	if (!json_object_get(config, "architecture"))
		json_object_set_new(config, "architecture",
				    json_string("amd64"));
	if (!json_object_get(config, "os"))
		json_object_set_new(config, "os", json_string("linux"));
	json_object_del(config, "history");
	if (json_object_set_new(config, "rootfs",
				json_pack("{s:s, s:[s]}", "type", "layers",
					  "diff_ids",
					  layout->content_digest))) {
		json_decref(config);
		return NULL;
	}
	return config;
}

/* The manifest; its descriptor in *@ret_descriptor. */
static int send_image(const struct kbox_layout *layout, struct kbox_sink *sink,
		      json_t **ret_descriptor)
{
	char digest[KBOX_DIGEST_CHARS + 1];
	json_t *config, *manifest;
	int err = kbox_blob_digest(&layout->layer, digest);

	if (err)
		return complain(layout, err);
	err = send_layer(layout, sink, digest);
	if (!err)
		err = send_json(layout, sink, NULL, make_config(layout),
				MEDIA_TYPE "config.v1+json", &config);
	if (err)
		return err;
	manifest = json_pack("{s:i, s:s, s:o, s:[o]}", "schemaVersion", 2,
			     "mediaType", MEDIA_TYPE "manifest.v1+json",
			     "config", config, "layers",
			     describe(media_type(layout->compression), digest,
				      layout->layer.bytes));
	return send_json(layout, sink, NULL, manifest,
			 MEDIA_TYPE "manifest.v1+json", ret_descriptor);
}

/* Of the one image, whose descriptor it consumes. NULL without memory. */
static json_t *make_index(json_t *image, const char *reference)
{
	json_t *notes = json_pack("{s:s}", "org.opencontainers.image.ref.name",
				  reference);

	if (json_object_set_new(image, "annotations", notes)) {
		json_decref(image);
		return NULL;
	}
	return json_pack("{s:i, s:[o]}", "schemaVersion", 2, "manifests",
			 image);
}

int kbox_layout_send(const struct kbox_layout *layout, struct kbox_sink *sink)
{
	json_t *image, *index;
	int err = kbox_sink_put_folder(sink, "blobs", 0);

	if (!err)
		err = kbox_sink_put_folder(sink, "blobs/sha256", 0);
	if (!err)
		err = send_image(layout, sink, &image);
	if (err)
		return err;
	index = make_index(image, layout->reference);
	err = send_json(layout, sink, "index.json", index, NULL, NULL);
	if (!err)
		err = send_json(layout, sink, "oci-layout",
				json_pack("{s:s}", "imageLayoutVersion",
					  "1.0.0"), NULL, NULL);
	return err;
}
