/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Container images: OCI layouts, and what "docker save" writes.
 *
 * Side: host. All of the JSON is somebody else's: what is not as expected is an
 * error.
 */
#include "container.h"

#include <errno.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/cleanup.h"
#include "../base/limits.h"
#include "../base/log.h"
#include "archive.h"

/* Indexes in indexes; one in another is usual. */
#define INDEX_DEPTH_MAX 4

#define REF_NAME "org.opencontainers.image.ref.name"

static int refuse(const struct kbox_container *container, const char *what,
		  const char *why)
{
	kbox_error("%s: %s: %s", container->store->source, what, why);
	return -EINVAL;
}

static const char *get_string(const json_t *object, const char *key)
{
	const char *text = json_string_value(json_object_get(object, key));

	return text ? text : "";
}

/* The text of a piece, which the caller owns; logs why not. */
static char *read_text(const struct kbox_container *container,
		       const struct kbox_blob *blob, const char *name)
{
	char *text = kbox_blob_text(blob, KBOX_IMAGE_JSON_MAX);

	if (!text)
		refuse(container, name, strerror(errno));
	return text;
}

/* A piece as JSON, which the caller owns; logs why not. */
static json_t *read_json(const struct kbox_container *container,
			 const struct kbox_blob *blob, const char *name)
{
	KBOX_CLEANUP_FREE char *text = read_text(container, blob, name);
	json_error_t error;
	json_t *json;

	if (!text)
		return NULL;
	json = json_loads(text, JSON_REJECT_DUPLICATES, &error);
	if (!json)
		refuse(container, name, error.text);
	return json;
}

static int check_digest(const struct kbox_container *container,
			const struct kbox_blob *blob, const char *digest)
{
	char got[KBOX_DIGEST_CHARS + 1];
	int err = kbox_blob_digest(blob, got);

	if (err)
		return refuse(container, digest, strerror(-err));
	return strcmp(got, digest) ?
		       refuse(container, digest, "its contents have another "
						 "digest: damaged, or changed") :
		       0;
}

/* What an OCI descriptor speaks of, compared with it. */
static int find_described(const struct kbox_container *container,
			  const json_t *descriptor, struct kbox_blob *ret_blob)
{
	const char *digest = get_string(descriptor, "digest");
	json_int_t size =
		json_integer_value(json_object_get(descriptor, "size"));
	char name[sizeof("blobs/sha256/") + KBOX_DIGEST_CHARS];
	int err;

	if (!kbox_digest_valid(digest))
		return refuse(container, digest, "not a SHA-256 digest");
	snprintf(name, sizeof(name), "blobs/sha256/%s",
		 strchr(digest, ':') + 1);
	err = kbox_store_find(container->store, name, ret_blob);
	if (err)
		return refuse(container, name, strerror(-err));
	if (size < 0 || (unsigned long long)size != ret_blob->bytes)
		return refuse(container, name, "not of the size that it should "
					       "have");
	return check_digest(container, ret_blob, digest);
}

/* Whether @os/@arch[/@variant] is what is wanted; no variant suits all. */
static bool is_platform(const char *wanted, const json_t *platform)
{
	char text[256];
	const char *variant = get_string(platform, "variant");

	snprintf(text, sizeof(text), "%s/%s%s%s", get_string(platform, "os"),
		 get_string(platform, "architecture"), *variant ? "/" : "",
		 variant);
	return !strcmp(text, wanted) ||
	       (!strncmp(text, wanted, strlen(wanted)) &&
		text[strlen(wanted)] == '/');
}

static bool is_wanted(const json_t *descriptor,
		      const struct kbox_container_choice *choice,
		      unsigned int depth)
{
	const json_t *platform = json_object_get(descriptor, "platform");
	const json_t *notes = json_object_get(descriptor, "annotations");

	if (platform && !is_platform(choice->platform, platform))
		return false;
	/* Tags are in the outermost index. */
	return depth || !choice->reference ||
	       !strcmp(get_string(notes, REF_NAME), choice->reference);
}

/* The one wanted of an index. */
static int choose(const struct kbox_container *container, const json_t *index,
		  const struct kbox_container_choice *choice,
		  unsigned int depth, const json_t **ret_descriptor)
{
	const json_t *list = json_object_get(index, "manifests");
	const json_t *chosen = NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *descriptor = json_array_get(list, i);

		if (!is_wanted(descriptor, choice, depth))
			continue;
		if (chosen && !depth)
			return refuse(container, "more than one image",
				      "choose one with --ref TAG");
		if (!chosen)
			chosen = descriptor;
	}
	if (!chosen)
		return refuse(container, choice->platform,
			      choice->reference ? "no image of this platform "
						  "with that tag" :
						  "no image of this platform");
	*ret_descriptor = chosen;
	return 0;
}

/* Down from the index to a manifest, which the caller owns. */
static int find_manifest(const struct kbox_container *container,
			 const struct kbox_blob *index_blob,
			 const struct kbox_container_choice *choice,
			 json_t **ret_manifest)
{
	json_t *json = read_json(container, index_blob, "index.json");
	int err = json ? 0 : -EINVAL;

	for (unsigned int depth = 0; !err && !json_object_get(json, "layers");
	     depth++) {
		const json_t *descriptor;
		struct kbox_blob blob;
		json_t *next = NULL;

		if (depth == INDEX_DEPTH_MAX)
			err = refuse(container, "index.json", "too deep");
		if (!err)
			err = choose(container, json, choice, depth,
				     &descriptor);
		if (!err)
			err = find_described(container, descriptor, &blob);
		if (!err) {
			next = read_json(container, &blob, "manifest");
			err = next ? 0 : -EINVAL;
		}
		json_decref(json);
		json = next;
	}
	if (!err)
		*ret_manifest = json;
	else
		json_decref(json);
	return err;
}

static int start_layers(struct kbox_container *container, const json_t *list)
{
	size_t count = json_array_size(list);

	if (!json_is_array(list) || count > KBOX_IMAGE_LAYERS_MAX)
		return refuse(container, "layers", "none, or too many");
	container->layers = calloc(count + 1, sizeof(*container->layers));
	container->layer_count = count;
	return container->layers ? 0 :
				   refuse(container, "layers", strerror(ENOMEM));
}

/* The list of the layers' digests, when the description has one. */
static int check_config(const struct kbox_container *container,
			const struct kbox_container_choice *choice,
			json_t **ret_diff_ids)
{
	json_error_t error;
	json_t *config = json_loads(container->config, JSON_REJECT_DUPLICATES,
				    &error);
	json_t *ids;
	int err = 0;

	if (!json_is_object(config))
		err = refuse(container, "config", "not a JSON object");
	ids = json_object_get(json_object_get(config, "rootfs"), "diff_ids");
	if (!err && !is_platform(choice->platform, config))
		err = refuse(container, choice->platform,
			     "the image is for another platform");
	if (!err && json_array_size(ids) != container->layer_count)
		err = refuse(container, "config", "it speaks of another number "
						  "of layers");
	if (!err)
		*ret_diff_ids = json_incref(ids);
	json_decref(config);
	return err;
}

static int open_layout(struct kbox_container *container,
		       const struct kbox_blob *index,
		       const struct kbox_container_choice *choice)
{
	json_t *manifest = NULL, *layers, *ids = NULL;
	struct kbox_blob blob;
	int err = find_manifest(container, index, choice, &manifest);

	if (err)
		return err;
	layers = json_object_get(manifest, "layers");
	err = start_layers(container, layers);
	for (size_t i = 0; !err && i < container->layer_count; i++) {
		const json_t *layer = json_array_get(layers, i);

		if (!strstr(get_string(layer, "mediaType"), "tar"))
			err = refuse(container, get_string(layer, "mediaType"),
				     "no kind of layer that kbox knows");
		else
			err = find_described(container, layer,
					     &container->layers[i]);
	}
	if (!err)
		err = find_described(container,
				     json_object_get(manifest, "config"),
				     &blob);
	if (!err) {
		container->config = read_text(container, &blob, "config");
		err = container->config ? 0 : -EINVAL;
	}
	if (!err)
		err = check_config(container, choice, &ids);
	json_decref(ids);
	json_decref(manifest);
	return err;
}

/* Registries may stand before a name. */
static bool names(const char *tag, const char *reference)
{
	size_t tag_len = strlen(tag), len = strlen(reference);

	if (tag_len < len || strcmp(tag + tag_len - len, reference))
		return false;
	return tag_len == len || tag[tag_len - len - 1] == '/';
}

static bool has_tag(const json_t *image, const char *reference)
{
	const json_t *tags = json_object_get(image, "RepoTags");

	for (size_t i = 0; i < json_array_size(tags); i++) {
		const char *tag = json_string_value(json_array_get(tags, i));

		if (tag && names(tag, reference))
			return true;
	}
	return false;
}

static const json_t *choose_saved(const struct kbox_container *container,
				  const json_t *list,
				  const struct kbox_container_choice *choice)
{
	const json_t *chosen = NULL;

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *image = json_array_get(list, i);

		if (choice->reference && !has_tag(image, choice->reference))
			continue;
		if (chosen) {
			refuse(container, "more than one image",
			       "choose one with --ref NAME:TAG");
			return NULL;
		}
		chosen = image;
	}
	if (!chosen)
		refuse(container, "manifest.json", "no image with that tag");
	return chosen;
}

/*
 * The digest is that of the layer before it was compressed. "docker save" does not
 * compress; what others did compress is not compared, and has its own checksum.
 */
static int check_saved_layer(const struct kbox_container *container,
			     const struct kbox_blob *blob, const json_t *id)
{
	unsigned char head[264] = { 0 };

	if (kbox_blob_read(blob, head, sizeof(head), 0) == sizeof(head) &&
	    memcmp(head + 257, "ustar", 5))
		return 0;
	return check_digest(container, blob, json_string_value(id) ?
						     json_string_value(id) : "");
}

/* The name of a description is its digest, with or without ".json". */
static int check_saved_config(const struct kbox_container *container,
			      const struct kbox_blob *blob, const char *name)
{
	const char *slash = strrchr(name, '/');
	char digest[KBOX_DIGEST_CHARS + 1];

	snprintf(digest, sizeof(digest), "sha256:%s", slash ? slash + 1 : name);
	return kbox_digest_valid(digest) ?
		       check_digest(container, blob, digest) : 0;
}

static int find_saved(const struct kbox_container *container, const char *name,
		      struct kbox_blob *ret_blob)
{
	int err = kbox_store_find(container->store, name, ret_blob);

	return err ? refuse(container, name, strerror(-err)) : 0;
}

static int open_saved_image(struct kbox_container *container,
			    const json_t *image,
			    const struct kbox_container_choice *choice)
{
	const char *config = get_string(image, "Config");
	const json_t *layers = json_object_get(image, "Layers");
	json_t *ids = NULL;
	struct kbox_blob blob;
	int err = find_saved(container, config, &blob);

	if (!err)
		err = check_saved_config(container, &blob, config);
	if (!err)
		err = start_layers(container, layers);
	if (!err) {
		container->config = read_text(container, &blob, config);
		err = container->config ? 0 : -EINVAL;
	}
	if (!err)
		err = check_config(container, choice, &ids);
	for (size_t i = 0; !err && i < container->layer_count; i++) {
		const char *name =
			json_string_value(json_array_get(layers, i));

		err = find_saved(container, name ? name : "",
				 &container->layers[i]);
		if (!err)
			err = check_saved_layer(container,
						&container->layers[i],
						json_array_get(ids, i));
	}
	json_decref(ids);
	return err;
}

static int open_saved(struct kbox_container *container,
		      const struct kbox_blob *manifest,
		      const struct kbox_container_choice *choice)
{
	json_t *list = read_json(container, manifest, "manifest.json");
	const json_t *image = NULL;
	int err = -EINVAL;

	if (list)
		image = choose_saved(container, list, choice);
	if (image)
		err = open_saved_image(container, image, choice);
	json_decref(list);
	return err;
}

int kbox_container_open(struct kbox_container *container,
			struct kbox_store *store,
			const struct kbox_container_choice *choice)
{
	struct kbox_blob blob;
	int err;

	memset(container, 0, sizeof(*container));
	container->store = store;
	if (!kbox_store_find(store, "oci-layout", &blob) &&
	    !kbox_store_find(store, "index.json", &blob))
		err = open_layout(container, &blob, choice);
	else if (!kbox_store_find(store, "manifest.json", &blob))
		err = open_saved(container, &blob, choice);
	else
		return -ENODATA;
	if (err)
		kbox_container_close(container);
	return err;
}

int kbox_container_send(const struct kbox_container *container,
			struct kbox_guard *guard, bool bounded)
{
	int err = 0;

	for (size_t i = 0; !err && i < container->layer_count; i++) {
		err = kbox_guard_layer(guard);
		if (!err)
			err = kbox_archive_send(&container->layers[i], guard,
						bounded);
	}
	return err;
}

void kbox_container_close(struct kbox_container *container)
{
	free(container->layers);
	free(container->config);
	memset(container, 0, sizeof(*container));
}
