// SPDX-License-Identifier: GPL-2.0-only
/* Which flavours this kernel has at all, found with programs that do nothing. */
#include <errno.h>
#include <linux/perf_event.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <bpf/bpf.h>
#include <bpf/btf.h>
#include <bpf/libbpf.h>

#include "loader.h"
#include "loader_hooks.h"

static const struct bpf_insn nothing[] = {
	{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .dst_reg = BPF_REG_0 },
	{ .code = BPF_JMP | BPF_EXIT },
};

bool kernel_is_since(int major, int minor)
{
	struct utsname uts;
	int is_major, is_minor;

	if (uname(&uts) || sscanf(uts.release, "%d.%d", &is_major, &is_minor) != 2)
		return false;
	return is_major > major || (is_major == major && is_minor >= minor);
}

/*
 * Does this kernel take fentry programs? Some load none, whatever they do; one that returns
 * at once tells so sooner than ours would.
 */
static void fentry_try(struct loader *loader)
{
	char *reason = loader->flavour_refused[FLAVOUR_FENTRY];
	LIBBPF_OPTS(bpf_prog_load_opts, options, .expected_attach_type = BPF_TRACE_FENTRY);
	int type = btf__find_by_name_kind(loader->kernel, "tty_read", BTF_KIND_FUNC), program, link;

	if (type <= 0) {
		snprintf(reason, REFUSAL_SIZE, "this kernel's BTF has no functions");
		return;
	}
	options.attach_btf_id = type;
	program = bpf_prog_load(BPF_PROG_TYPE_TRACING, "ipcmap_try", "GPL", nothing, 2, &options);
	link = program < 0 ? program : bpf_raw_tracepoint_open(NULL, program);
	if (link < 0)
		snprintf(reason, REFUSAL_SIZE, "this kernel refuses fentry programs: %s", strerror(-link));
	else
		close(link);
	if (program >= 0)
		close(program);
}

/*
 * By perf_event_open(): such a kprobe goes with its descriptor. tracefs has room for 4096 calls of a
 * kretprobe, but what is written there stays when ipcmap is killed.
 */
static void kprobe_try(struct loader *loader)
{
	char *reason = loader->flavour_refused[FLAVOUR_KPROBE];
	struct perf_event_attr event = { .size = sizeof(event), .config1 = (__u64)(unsigned long)"tty_read" };
	FILE *file = fopen("/sys/bus/event_source/devices/kprobe/type", "re");
	int program = -1, probe = -1;

	if (!file || fscanf(file, "%u", &event.type) != 1) {
		snprintf(reason, REFUSAL_SIZE, "this kernel has no kprobes");
	} else {
		program = bpf_prog_load(BPF_PROG_TYPE_KPROBE, "ipcmap_try", "GPL", nothing, 2, NULL);
		probe = program < 0 ? program : (int)syscall(SYS_perf_event_open, &event, -1, 0, -1, PERF_FLAG_FD_CLOEXEC);
		if (probe < 0)
			snprintf(reason, REFUSAL_SIZE, "this kernel refuses kprobes: %s", strerror(errno));
	}
	if (file)
		fclose(file);
	if (program >= 0)
		close(program);
	if (probe >= 0)
		close(probe);
}

/*
 * Before 6.7 nobody is told when trace_call_bpf() skips a program since another one, or bpf(2), is at
 * work on this CPU (bpf_prog_active). For that to be while a task calls a function, another must have
 * been preempted: not where the kernel itself can't be (CONFIG_PREEMPT_VOLUNTARY), and not before
 * 5.11, where bpf(2) could not.
 */
static bool kprobes_can_be_skipped(void)
{
	FILE *file;
	struct utsname uts;
	char line[64] = "";

	if (kernel_is_since(6, 7) || !kernel_is_since(5, 11) || uname(&uts) || !strstr(uts.version, "PREEMPT"))
		return false;
	file = fopen("/sys/kernel/debug/sched/preempt", "re");
	if (!file)
		return true;
	if (!fgets(line, sizeof(line), file))
		*line = '\0';
	fclose(file);
	return !*line || strstr(line, "(full)");
}

void flavours_try(struct loader *loader, bool stream)
{
	bool functions = !stream && loader->flavour != FLAVOUR_TRACEPOINT;

	loader->kprobe_misses = kernel_is_since(6, 7);
	loader->kprobes_skip = kprobes_can_be_skipped();
	if (functions)
		fentry_try(loader);
	if (functions && (loader->flavour == FLAVOUR_KPROBE || *loader->flavour_refused[FLAVOUR_FENTRY]))
		kprobe_try(loader);
	for (enum flavour flavour = FLAVOUR_FENTRY; !functions && flavour < FLAVOURS; flavour++)
		if (flavour != FLAVOUR_TRACEPOINT)
			snprintf(loader->flavour_refused[flavour], REFUSAL_SIZE, "not asked for");
}
