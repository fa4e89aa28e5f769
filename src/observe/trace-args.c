/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The arguments and the result of a traced call as JSON.
 *
 * Side: host, on the writer's thread. Everything follows from the kinds of
 * arguments; no call is known by name.
 */
#include "trace-args.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <sys/un.h>

#include "../base/syscalls.h"

static const struct kbox_trace_word families[] = {
	{ AF_UNSPEC, "AF_UNSPEC" }, { AF_UNIX, "AF_UNIX" },
	{ AF_INET, "AF_INET" },	    { AF_INET6, "AF_INET6" },
	{ AF_NETLINK, "AF_NETLINK" },
};

/* Append @word to the string that is being made; @first has no '|' before. */
static void add_word(struct kbox_json *json, const char *word, bool *first)
{
	kbox_json_raw(json, "|", *first ? 0 : 1);
	kbox_json_raw(json, word, strlen(word));
	*first = false;
}

static void show_bits(struct kbox_json *json, uint64_t value,
		      const struct kbox_trace_set *set)
{
	uint64_t left = value;
	bool first = true;
	char rest[24];

	/* An empty string takes care of the comma. */
	kbox_json_string(json, "");
	if (json->failed)
		return;
	json->len--;
	for (unsigned int i = 0; i < set->count; i++) {
		uint64_t bits = set->words[i].value;

		if (bits ? (left & bits) == bits : !value) {
			add_word(json, set->words[i].name, &first);
			left &= ~bits;
		}
	}
	snprintf(rest, sizeof(rest), left ? "0x%llx" : "0",
		 (unsigned long long)left);
	if (left || first)
		add_word(json, rest, &first);
	kbox_json_raw(json, "\"", 1);
}

static void show_word(struct kbox_json *json, int64_t value,
		      const struct kbox_trace_word *words, unsigned int count)
{
	/* Constants are ints or unsigned ints: their low half decides. */
	for (unsigned int i = 0; i < count; i++)
		if ((uint32_t)words[i].value == (uint32_t)value) {
			kbox_json_string(json, words[i].name);
			return;
		}
	kbox_json_int(json, value);
}

static void show_set(struct kbox_json *json, uint64_t value,
		     const struct kbox_trace_set *set)
{
	if (set->bits)
		show_bits(json, value, set);
	else
		show_word(json, (int)value, set->words, set->count);
}

/* A pointer, of which no more is known. */
static void show_pointer(struct kbox_json *json, uint64_t value)
{
	if (value)
		kbox_json_hex(json, value);
	else
		kbox_json_null(json);
}

static void show_text(struct kbox_json *json, const char *text, size_t len,
		      bool cut)
{
	if (!cut) {
		kbox_json_bytes(json, text, len);
		return;
	}
	kbox_json_open(json, '{');
	kbox_json_name(json, "text");
	kbox_json_bytes(json, text, len);
	kbox_json_name_bool(json, "cut", true);
	kbox_json_close(json, '}');
}

static void show_fd(struct kbox_json *json, int fd,
		    const struct kbox_trace_piece *path)
{
	kbox_json_open(json, '{');
	kbox_json_name(json, "fd");
	if (fd == -100)
		kbox_json_string(json, "AT_FDCWD");
	else
		kbox_json_int(json, fd);
	if (path) {
		kbox_json_name(json, "path");
		kbox_json_bytes(json, path->data, path->len);
	}
	kbox_json_close(json, '}');
}

static uint64_t field_value(const char *data,
			    const struct kbox_trace_field *field)
{
	uint64_t value = 0;
	unsigned int bits = field->size * 8U;

	memcpy(&value, data + field->offset,
	       field->size < sizeof(value) ? field->size : sizeof(value));
	if (field->is_signed && bits < 64 && value >> (bits - 1))
		value |= ~0ULL << bits;
	return value;
}

static void show_field(struct kbox_json *json, const char *data,
		       const struct kbox_trace_field *field)
{
	uint64_t value = field_value(data, field);

	if (field->set)
		show_set(json, value, field->set);
	else if (field->how == KBOX_TRACE_TEXT)
		kbox_json_bytes(json, data + field->offset,
				strnlen(data + field->offset, field->size));
	else if (field->how == KBOX_TRACE_HEX)
		kbox_json_hex(json, value);
	else if (field->how == KBOX_TRACE_OCTAL)
		kbox_json_octal(json, value);
	else if (field->is_signed)
		kbox_json_int(json, (int64_t)value);
	else
		kbox_json_uint(json, value);
}

static void show_struct(struct kbox_json *json, const char *data,
			const struct kbox_trace_struct *structure)
{
	if (structure->plain) {
		show_field(json, data, &structure->fields[0]);
		return;
	}
	kbox_json_open(json, '{');
	for (unsigned int i = 0; i < structure->count; i++) {
		kbox_json_name(json, structure->fields[i].name);
		show_field(json, data, &structure->fields[i]);
	}
	kbox_json_close(json, '}');
}

static void show_inet(struct kbox_json *json, int family, const void *address,
		      uint16_t port)
{
	char text[INET6_ADDRSTRLEN];

	kbox_json_name_string(json, "address",
			      inet_ntop(family, address, text, sizeof(text)));
	kbox_json_name_uint(json, "port", ntohs(port));
}

static void show_unix(struct kbox_json *json, const char *path, size_t len)
{
	bool abstract = len && !*path;

	kbox_json_name(json, abstract ? "abstract" : "path");
	if (abstract)
		kbox_json_bytes(json, path + 1, len - 1);
	else
		kbox_json_bytes(json, path, strnlen(path, len));
}

static void show_sockaddr(struct kbox_json *json,
			  const struct kbox_trace_piece *piece)
{
	struct sockaddr_storage address = { 0 };
	const size_t path_at = offsetof(struct sockaddr_un, sun_path);

	memcpy(&address, piece->data, piece->len < sizeof(address) ?
					      piece->len : sizeof(address));
	kbox_json_open(json, '{');
	kbox_json_name(json, "family");
	show_word(json, address.ss_family, families,
		  sizeof(families) / sizeof(families[0]));
	if (address.ss_family == AF_UNIX && piece->len >= path_at) {
		show_unix(json, piece->data + path_at, piece->len - path_at);
	} else if (address.ss_family == AF_INET) {
		const struct sockaddr_in *in = (const void *)&address;

		show_inet(json, AF_INET, &in->sin_addr, in->sin_port);
	} else if (address.ss_family == AF_INET6) {
		const struct sockaddr_in6 *in6 = (const void *)&address;

		show_inet(json, AF_INET6, &in6->sin6_addr, in6->sin6_port);
	}
	kbox_json_close(json, '}');
}

static void show_array(struct kbox_json *json,
		       const struct kbox_trace_piece *piece,
		       const struct kbox_trace_struct *structure)
{
	kbox_json_open(json, '[');
	for (size_t at = 0; at + structure->size <= piece->len;
	     at += structure->size)
		show_struct(json, piece->data + at, structure);
	kbox_json_close(json, ']');
}

static void show_strings(struct kbox_json *json,
			 const struct kbox_trace_piece *piece)
{
	kbox_json_open(json, '[');
	for (size_t at = 0; at < piece->len;) {
		size_t len = strnlen(piece->data + at, piece->len - at);
		bool last = at + len + 1 >= piece->len;

		show_text(json, piece->data + at, len, last && piece->cut);
		at += len + 1;
	}
	kbox_json_close(json, ']');
}

/* A buffer: how many bytes it has, and the first of them. */
static void show_data(struct kbox_json *json,
		      const struct kbox_trace_record *record,
		      const struct kbox_trace_arg *spec,
		      const struct kbox_trace_piece *piece)
{
	uint64_t bytes = spec->length < KBOX_TRACE_ARGS ?
				 record->args[spec->length] :
				 (uint64_t)record->value;

	kbox_json_open(json, '{');
	/* What is written from several buffers is told by the result. */
	if (spec->kind != KBOX_TRACE_KIND_IOV || spec->way == KBOX_TRACE_OUT)
		kbox_json_name_uint(json, "bytes", bytes);
	kbox_json_name(json, "data");
	kbox_json_bytes(json, piece->data, piece->len);
	kbox_json_close(json, '}');
}

/* What the argument points to, when it was fetched. */
static void show_memory(struct kbox_json *json,
			const struct kbox_trace_record *record,
			unsigned int arg, const struct kbox_trace_arg *spec)
{
	const struct kbox_trace_piece *piece =
		kbox_trace_find(record, arg, KBOX_TRACE_BYTES);

	if (!piece || piece->fault)
		show_pointer(json, record->args[arg]);
	else if (spec->sockaddr)
		show_sockaddr(json, piece);
	else if (!spec->structure)
		show_data(json, record, spec, piece);
	else if (spec->array)
		show_array(json, piece, spec->structure);
	else if (piece->len == spec->structure->size)
		show_struct(json, piece->data, spec->structure);
	else
		show_pointer(json, record->args[arg]);
}

static void show_string(struct kbox_json *json,
			const struct kbox_trace_record *record,
			unsigned int arg)
{
	const struct kbox_trace_piece *piece =
		kbox_trace_find(record, arg, KBOX_TRACE_BYTES);

	if (!piece || piece->fault)
		show_pointer(json, record->args[arg]);
	else
		show_text(json, piece->data, piece->len, piece->cut);
}

static void show_argv(struct kbox_json *json,
		      const struct kbox_trace_record *record, unsigned int arg)
{
	const struct kbox_trace_piece *piece =
		kbox_trace_find(record, arg, KBOX_TRACE_STRINGS);

	if (piece && !(piece->fault && !piece->len))
		show_strings(json, piece);
	else
		show_pointer(json, record->args[arg]);
}

static void show_signal(struct kbox_json *json, int sig)
{
	const char *name = sigabbrev_np(sig);
	char text[16];

	if (!name) {
		kbox_json_int(json, sig);
		return;
	}
	snprintf(text, sizeof(text), "SIG%s", name);
	kbox_json_string(json, text);
}

static void show_number(struct kbox_json *json, uint64_t value,
			const struct kbox_trace_arg *spec)
{
	if (spec->set)
		show_set(json, value, spec->set);
	else if (spec->kind == KBOX_TRACE_KIND_MODE)
		kbox_json_octal(json, value & 0xffff);
	else if (spec->kind == KBOX_TRACE_KIND_FLAGS)
		kbox_json_hex(json, value);
	else if (spec->kind == KBOX_TRACE_KIND_SIZE)
		kbox_json_uint(json, value);
	else if (spec->kind == KBOX_TRACE_KIND_OFF)
		kbox_json_int(json, (int64_t)value);
	else
		kbox_json_int(json, (int)value);
}

static void show_arg(struct kbox_json *json,
		     const struct kbox_trace_record *record, unsigned int arg,
		     const struct kbox_trace_arg *spec)
{
	uint64_t value = record->args[arg];

	switch (spec->kind) {
	case KBOX_TRACE_KIND_FD:
		show_fd(json, (int)value,
			kbox_trace_find(record, arg, KBOX_TRACE_PATH));
		break;
	case KBOX_TRACE_KIND_PATH:
	case KBOX_TRACE_KIND_STR:
		show_string(json, record, arg);
		break;
	case KBOX_TRACE_KIND_ARGV:
		show_argv(json, record, arg);
		break;
	case KBOX_TRACE_KIND_SIG:
		show_signal(json, (int)value);
		break;
	case KBOX_TRACE_KIND_ADDR:
		show_pointer(json, value);
		break;
	case KBOX_TRACE_KIND_BUF:
	case KBOX_TRACE_KIND_IOV:
	case KBOX_TRACE_KIND_PTR:
	case KBOX_TRACE_KIND_TIME:
	case KBOX_TRACE_KIND_MASK:
		show_memory(json, record, arg, spec);
		break;
	default:
		show_number(json, value, spec);
		break;
	}
}

void kbox_trace_args(struct kbox_json *json,
		     const struct kbox_trace_record *record)
{
	const struct kbox_trace_call *call = kbox_trace_call((long)record->nr);

	kbox_json_open(json, '{');
	for (unsigned int i = 0; i < KBOX_TRACE_ARGS && call->args[i].name;
	     i++) {
		kbox_json_name(json, call->args[i].name);
		show_arg(json, record, i, &call->args[i]);
	}
	kbox_json_close(json, '}');
}

static void show_cwd(struct kbox_json *json,
		     const struct kbox_trace_record *record)
{
	for (unsigned int i = 0; i < KBOX_TRACE_ARGS; i++) {
		const struct kbox_trace_piece *piece =
			kbox_trace_find(record, i, KBOX_TRACE_CWD);

		if (!piece)
			continue;
		kbox_json_name(json, "cwd");
		kbox_json_bytes(json, piece->data, piece->len);
		return;
	}
}

static void show_error(struct kbox_json *json, int error)
{
	/* The kernel's own, upon which the host restarts the call. */
	static const char *const restarts[] = {
		"ERESTARTSYS", "ERESTARTNOINTR", "ERESTARTNOHAND",
		"ENOIOCTLCMD", "ERESTART_RESTARTBLOCK",
	};
	const char *name = error >= 512 && error <= 516 ?
				   restarts[error - 512] :
				   strerrorname_np(error);

	kbox_json_name(json, "error");
	if (name)
		kbox_json_string(json, name);
	else
		kbox_json_int(json, error);
}

static void show_value(struct kbox_json *json,
		       const struct kbox_trace_record *record)
{
	switch (kbox_trace_call((long)record->nr)->result) {
	case KBOX_TRACE_RESULT_FD:
		show_fd(json, (int)record->value,
			kbox_trace_find(record, KBOX_TRACE_RESULT,
					KBOX_TRACE_PATH));
		break;
	case KBOX_TRACE_RESULT_ADDR:
		kbox_json_hex(json, (uint64_t)record->value);
		break;
	default:
		kbox_json_int(json, record->value);
		break;
	}
}

void kbox_trace_result(struct kbox_json *json,
		       const struct kbox_trace_record *record)
{
	show_cwd(json, record);
	kbox_json_name(json, "result");
	if (record->outcome != KBOX_TRACE_VALUE) {
		kbox_json_null(json);
		kbox_json_name_string(json, "outcome",
				      record->outcome == KBOX_TRACE_HOST ?
					      "host" : "unfinished");
	} else if (record->value < 0 && record->value >= -4095) {
		kbox_json_int(json, -1);
		show_error(json, (int)-record->value);
	} else {
		show_value(json, record);
	}
}

const char *kbox_trace_name(const struct kbox_trace_record *record, char *buf)
{
	const struct kbox_syscall_info *info =
		kbox_syscall_info((long)record->nr);

	if (info)
		return info->name;
	snprintf(buf, 24, "#%lld", (long long)record->nr);
	return buf;
}

const char *kbox_trace_class(long nr)
{
	static const char *const names[] = {
		[KBOX_SYSCALL_KERNEL] = "KERNEL",
		[KBOX_SYSCALL_HOST] = "HOST",
		[KBOX_SYSCALL_SPLIT] = "SPLIT",
		[KBOX_SYSCALL_DENY] = "DENY",
	};
	const struct kbox_syscall_info *info = kbox_syscall_info(nr);

	return info ? names[info->class] : "NONE";
}
