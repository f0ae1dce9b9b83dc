// SPDX-License-Identifier: GPL-2.0-only
#include "vm_hooks.h"

#include <errno.h>
#include <linux/perf_event.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#define NAME_MAX_LEN 128

/* bpf_link_info of a perf event, from 6.6 on: newer than the headers of Debian 12. */
struct kprobe_info {
	__u32 type, id, prog_id, pad;
	__u32 event_type, pad2; /* enum bpf_perf_event_type */
	__u64 name;
	__u32 name_len, offset;
	__u64 address, misses, cookie;
};

enum { EVENT_KPROBE = 3, EVENT_KRETPROBE = 4 };

static int kprobe_print(int link)
{
	char name[NAME_MAX_LEN] = "";
	struct kprobe_info info = { .name = (uintptr_t)name, .name_len = sizeof(name) };
	__u32 size = sizeof(info);
	int error = bpf_obj_get_info_by_fd(link, &info, &size);

	if (error)
		return -errno;
	if (info.event_type != EVENT_KPROBE && info.event_type != EVENT_KRETPROBE)
		return -EINVAL;
	printf("%s/%s\n", info.event_type == EVENT_KPROBE ? "kprobe" : "kretprobe", name);
	return 0;
}

static int tracing_print(const struct bpf_link_info *info, const struct btf *kernel)
{
	const struct btf_type *type = btf__type_by_id(kernel, info->tracing.target_btf_id);
	const char *name = type ? btf__name_by_offset(kernel, type->name_off) : NULL;

	if (!name)
		return -EINVAL;
	switch (info->tracing.attach_type) {
	case BPF_TRACE_FENTRY: printf("fentry/%s\n", name); return 0;
	case BPF_TRACE_FEXIT: printf("fexit/%s\n", name); return 0;
	case BPF_TRACE_ITER: return 0;
	default: return -EINVAL;
	}
}

static int link_print(int link, const struct btf *kernel)
{
	char name[NAME_MAX_LEN] = "";
	struct bpf_link_info info = { 0 };
	__u32 size = sizeof(info);

	if (bpf_obj_get_info_by_fd(link, &info, &size))
		return -errno;
	switch (info.type) {
	case BPF_LINK_TYPE_RAW_TRACEPOINT:
		memset(&info, 0, sizeof(info));
		info.raw_tracepoint.tp_name = (uintptr_t)name;
		info.raw_tracepoint.tp_name_len = sizeof(name);
		size = sizeof(info);
		if (bpf_obj_get_info_by_fd(link, &info, &size))
			return -errno;
		printf("tp_btf/%s\n", name);
		return 0;
	case BPF_LINK_TYPE_TRACING: return tracing_print(&info, kernel);
	case BPF_LINK_TYPE_PERF_EVENT: return kprobe_print(link);
	case BPF_LINK_TYPE_ITER: return 0;
	default: return -EINVAL;
	}
}

int hooks_print(void)
{
	struct btf *kernel = btf__load_vmlinux_btf();
	__u32 id = 0;
	int error = kernel ? 0 : -errno;

	while (!error && !bpf_link_get_next_id(id, &id)) {
		int link = bpf_link_get_fd_by_id(id);

		if (link < 0)
			continue;
		error = link_print(link, kernel);
		if (error)
			fprintf(stderr, "link %u: of a kind that is not known here\n", id);
		close(link);
	}
	btf__free(kernel);
	return error;
}

static int program_load(enum bpf_prog_type type, enum bpf_attach_type attach, const char *target)
{
	/* r0 = 0; exit */
	const struct bpf_insn empty[] = { { .code = 0xb7 }, { .code = 0x95 } };
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = attach);
	int id, fd;

	if (target) {
		id = libbpf_find_vmlinux_btf_id(target, attach);
		if (id < 0)
			return id;
		options.attach_btf_id = id;
	}
	fd = bpf_prog_load(type, "empty", "GPL", empty, 2, &options);
	return fd < 0 ? -errno : fd;
}

static int number_from(const char *path, const char *format, unsigned int *ret_number)
{
	FILE *file = fopen(path, "r");
	int found;

	if (!file)
		return -errno;
	found = fscanf(file, format, ret_number);
	fclose(file);
	return found == 1 ? 0 : -EINVAL;
}

static int kprobe_attach(const char *function, int returns)
{
	struct perf_event_attr attributes = { .size = sizeof(attributes), .config1 = (uintptr_t)function };
	unsigned int type, bit;
	int program, event;

	if (number_from("/sys/bus/event_source/devices/kprobe/type", "%u", &type) ||
	    number_from("/sys/bus/event_source/devices/kprobe/format/retprobe", "config:%u", &bit))
		return -EOPNOTSUPP;
	program = program_load(BPF_PROG_TYPE_KPROBE, 0, NULL);
	if (program < 0)
		return program;
	attributes.type = type;
	attributes.config = returns ? 1ULL << bit : 0;
	event = syscall(SYS_perf_event_open, &attributes, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
	if (event < 0)
		return -errno;
	if (ioctl(event, PERF_EVENT_IOC_SET_BPF, program) || ioctl(event, PERF_EVENT_IOC_ENABLE, 0))
		return -errno;
	return 0;
}

int hook_attach_empty(const char *hook)
{
	static const struct {
		const char *prefix;
		enum bpf_attach_type attach;
	} kinds[] = {
		{ "tp_btf/", BPF_TRACE_RAW_TP },
		{ "fentry/", BPF_TRACE_FENTRY },
		{ "fexit/", BPF_TRACE_FEXIT },
	};
	int program;

	if (!strncmp(hook, "kprobe/", 7))
		return kprobe_attach(hook + 7, 0);
	if (!strncmp(hook, "kretprobe/", 10))
		return kprobe_attach(hook + 10, 1);
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		if (strncmp(hook, kinds[i].prefix, strlen(kinds[i].prefix)))
			continue;
		program = program_load(BPF_PROG_TYPE_TRACING, kinds[i].attach,
				       hook + strlen(kinds[i].prefix));
		if (program < 0)
			return program;
		return bpf_raw_tracepoint_open(NULL, program) < 0 ? -errno : 0;
	}
	return -EINVAL;
}
