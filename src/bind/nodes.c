/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Nodes: the inodes of the host's that the kernel inside knows.
 *
 * Side: host, in several threads.
 *
 * Two names of one inode are one node, so hard links inside are what they are at
 * the host. A node's descriptor keeps its inode's number from being used again.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../base/cleanup.h"
#include "call.h"

static struct kbox_list *bucket(struct kbox_bind *bind, dev_t dev, ino_t ino)
{
	return &bind->buckets[(dev * 31 + ino) % KBOX_BIND_BUCKETS];
}

static void node_init(struct kbox_bind *bind, struct kbox_bind_node *node,
		      int fd, const struct stat *st)
{
	*node = (struct kbox_bind_node){
		.fd = fd,
		.dev = st->st_dev,
		.ino = st->st_ino,
		.type = st->st_mode & S_IFMT,
		.lookups = 1,
	};
	kbox_list_add_head(bucket(bind, node->dev, node->ino),
			   &node->by_inode);
	bind->node_count++;
}

static void node_free(struct kbox_bind *bind, struct kbox_bind_node *node)
{
	kbox_list_del(&node->by_inode);
	bind->node_count--;
	kbox_close(node->fd);
	free(node);
}

static struct kbox_bind_node *known(struct kbox_bind *bind,
				    const struct stat *st)
{
	struct kbox_list *list = bucket(bind, st->st_dev, st->st_ino);
	struct kbox_bind_node *node;

	KBOX_LIST_FOR_EACH(node, list, by_inode)
		if (node->dev == st->st_dev && node->ino == st->st_ino)
			return node;
	return NULL;
}

struct kbox_bind_node *kbox_bind_node_get(struct kbox_bind *bind, int fd,
					  const struct stat *st)
{
	struct kbox_bind_node *node;

	pthread_mutex_lock(&bind->lock);
	node = known(bind, st);
	if (node) {
		node->lookups++;
		kbox_close(fd);
	} else {
		node = malloc(sizeof(*node));
		if (node)
			node_init(bind, node, fd, st);
		else
			kbox_close(fd);
	}
	pthread_mutex_unlock(&bind->lock);
	return node;
}

void kbox_bind_node_forget(struct kbox_bind *bind, struct kbox_bind_node *node,
			   unsigned long long lookups)
{
	pthread_mutex_lock(&bind->lock);
	node->lookups -= lookups < node->lookups ? lookups : node->lookups;
	if (!node->lookups && node != &bind->root)
		node_free(bind, node);
	pthread_mutex_unlock(&bind->lock);
}

static mode_t own_umask(void)
{
	mode_t mask = umask(0);

	umask(mask);
	return mask;
}

int kbox_bind_init(struct kbox_bind *bind, int fd, bool read_only,
		   const struct kbox_bind_ids *ids)
{
	struct stat st;

	if (fstat(fd, &st) < 0) {
		int err = -errno;

		kbox_close(fd);
		return err;
	}
	memset(bind, 0, sizeof(*bind));
	bind->read_only = read_only;
	bind->single = !S_ISDIR(st.st_mode);
	bind->ids = *ids;
	bind->umask = own_umask();
	pthread_mutex_init(&bind->lock, NULL);
	for (unsigned int i = 0; i < KBOX_BIND_BUCKETS; i++)
		kbox_list_init(&bind->buckets[i]);
	node_init(bind, &bind->root, fd, &st);
	return 0;
}

void kbox_bind_done(struct kbox_bind *bind)
{
	for (unsigned int i = 0; i < KBOX_BIND_BUCKETS; i++) {
		struct kbox_bind_node *node, *next;

		KBOX_LIST_FOR_EACH_SAFE(node, next, &bind->buckets[i], by_inode)
			if (node != &bind->root)
				node_free(bind, node);
	}
	bind->root.fd = kbox_close(bind->root.fd);
	pthread_mutex_destroy(&bind->lock);
}
