/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The process filter. A channel that a matching process touches is marked;
 * flows on a marked channel count whoever acts, so that both ends of every
 * edge that is kept are real.
 */
#ifndef FILTER_BPF_H
#define FILTER_BPF_H

struct {
	__uint(type, BPF_MAP_TYPE_HASH);
	__uint(max_entries, 262144);
	__uint(map_flags, BPF_F_NO_PREALLOC);
	__type(key, __u64);
	__type(value, __u8);
} marks SEC(".maps");

/* What a mark's number is of; kernel addresses (sockets, ttys) stand for themselves. */
enum mark_kind {
	MARK_PIPE = 1,
	MARK_FIFO,
	MARK_TCP_PAIR,
	MARK_TCP_LISTENER,
	MARK_UDP_PORT,
	MARK_TCP_NUMBERS,
};

static __always_inline __u64 mark_number(enum mark_kind kind, __u64 number)
{
	return ((__u64)kind << 56) | (number & ((1ULL << 56) - 1));
}

static __always_inline __u64 hash_mix(__u64 hash, __u64 value)
{
	hash ^= value;
	hash *= 0x9e3779b97f4a7c15ULL;
	return hash ^ (hash >> 29);
}

static __always_inline void mark_set(__u64 mark)
{
	__u8 one = 1;

	if (!mark || bpf_map_lookup_elem(&marks, &mark))
		return;
	if (bpf_map_update_elem(&marks, &mark, &one, BPF_ANY))
		count(&counters.marks_refused);
}

static __always_inline bool mark_is_set(__u64 mark)
{
	return mark && bpf_map_lookup_elem(&marks, &mark);
}

static __always_inline bool name_matches(const char *name)
{
	char comm[IPC_COMM_LEN] = {};
	__u32 i, j;

	bpf_probe_read_kernel_str(comm, sizeof(comm), name);
	for (i = 0; i < IPC_FILTER_COMMS; i++) {
		if (i >= settings.filter_comms)
			break;
		for (j = 0; j < IPC_COMM_LEN; j++) {
			if (comm[j] != settings.filter_comm[i][j])
				break;
			if (!comm[j])
				return true;
		}
	}
	return false;
}

static __always_inline bool comm_matches(struct task_struct *task)
{
	struct task_struct *leader = get(task, group_leader);

	return name_matches((const char *)&leader->comm);
}

/* Is the task in one of the cgroups, or below it? By kernfs id, up the tree. */
static __always_inline bool cgroup_matches(struct task_struct *task)
{
	struct cgroup *group = get(task, cgroups, dfl_cgrp);
	__u32 depth, i;

	for (depth = 0; depth < 24 && group; depth++) {
		__u64 id = get(group, kn, id);

		for (i = 0; i < IPC_FILTER_CGROUPS; i++)
			if (i < settings.filter_cgroups && id == settings.filter_cgroup[i])
				return true;
		/* self is the first member of struct cgroup */
		group = cast(struct cgroup, get(group, self.parent));
	}
	return false;
}

static __always_inline __u32 task_matches(struct task_struct *task)
{
	__u32 tgid = get(task, tgid);

	if (settings.filter_pids && bpf_map_lookup_elem(&followed, &tgid))
		return 1;
	if (settings.filter_comms && comm_matches(task))
		return 1;
	if (settings.filter_cgroups && cgroup_matches(task))
		return 1;
	return 0;
}

subprogram int current_matches(void)
{
	return task_matches(task_current());
}

static __always_inline __u32 current_tracked(void)
{
	return settings.filter_on ? current_matches() & 1 : 1;
}

/* A channel with one mark: is this event wanted? */
static __always_inline bool channel_wanted(__u64 mark, __u32 tracked)
{
	if (!settings.filter_on)
		return true;
	if (tracked) {
		mark_set(mark);
		return true;
	}
	return mark_is_set(mark);
}

#endif
