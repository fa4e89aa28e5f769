/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Doubly linked circular lists with the links inside the entries.
 *
 * Side: host. An entry that is in no list points to itself, so deleting it
 * again does nothing.
 */
#ifndef KBOX_BASE_LIST_H
#define KBOX_BASE_LIST_H

#include <stdbool.h>

#include "macros.h"

struct kbox_list {
	struct kbox_list *next;
	struct kbox_list *prev;
};

#define KBOX_LIST_INIT(name) { &(name), &(name) }

static inline void kbox_list_init(struct kbox_list *list)
{
	list->next = list;
	list->prev = list;
}

static inline bool kbox_list_empty(const struct kbox_list *list)
{
	return list->next == list;
}

static inline void kbox_list_insert_(struct kbox_list *entry,
				     struct kbox_list *prev,
				     struct kbox_list *next)
{
	entry->prev = prev;
	entry->next = next;
	prev->next = entry;
	next->prev = entry;
}

/* As the first entry of @list. @entry must be in no list. */
static inline void kbox_list_add_head(struct kbox_list *list,
				      struct kbox_list *entry)
{
	kbox_list_insert_(entry, list, list->next);
}

/* As the last entry of @list. @entry must be in no list. */
static inline void kbox_list_add_tail(struct kbox_list *list,
				      struct kbox_list *entry)
{
	kbox_list_insert_(entry, list->prev, list);
}

static inline void kbox_list_del(struct kbox_list *entry)
{
	entry->prev->next = entry->next;
	entry->next->prev = entry->prev;
	kbox_list_init(entry);
}

#define KBOX_LIST_ENTRY(ptr, type, member)                                    \
	KBOX_CONTAINER_OF(ptr, type, member)

/* The list must not be empty. */
#define KBOX_LIST_FIRST(list, type, member)                                   \
	KBOX_LIST_ENTRY((list)->next, type, member)
#define KBOX_LIST_LAST(list, type, member)                                    \
	KBOX_LIST_ENTRY((list)->prev, type, member)

#define KBOX_LIST_FOR_EACH(pos, list, member)                                 \
	for (pos = KBOX_LIST_FIRST(list, __typeof__(*pos), member);           \
	     &pos->member != (list);                                          \
	     pos = KBOX_LIST_FIRST(&pos->member, __typeof__(*pos), member))

/* As above; @pos may be deleted (and freed) inside the loop, @tmp may not. */
#define KBOX_LIST_FOR_EACH_SAFE(pos, tmp, list, member)                       \
	for (pos = KBOX_LIST_FIRST(list, __typeof__(*pos), member),           \
	    tmp = KBOX_LIST_FIRST(&pos->member, __typeof__(*pos), member);    \
	     &pos->member != (list); pos = tmp,                               \
	    tmp = KBOX_LIST_FIRST(&pos->member, __typeof__(*pos), member))

#endif
