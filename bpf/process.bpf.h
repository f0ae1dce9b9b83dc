/* SPDX-License-Identifier: GPL-2.0-only */
/* Processes as they come and go: who they are, told while they live. */
#ifndef PROCESS_BPF_H
#define PROCESS_BPF_H

/* What a process is called in ipcmap's pid namespace, where /proc and users name it so. */
static __always_inline __u32 pid_number(struct task_struct *leader)
{
	struct pid *pid = get(leader, thread_pid);
	__u32 level = counters.pidns_level;
	struct upid *number;

	if (!level)
		return get(leader, tgid);
	if (!pid || level > get(pid, level))
		return 0;
	number = cast(struct upid, (char *)pid + bpf_core_field_offset(struct pid, numbers) +
				   (__u64)level * bpf_core_type_size(struct upid));
	return (__u64)get(number, ns) == counters.pidns ? get(number, nr) : 0;
}

/* All but the record header and exe. */
static __noinline int process_describe_to(struct ipc_process *process, struct task_struct *task)
{
	struct task_struct *leader = get(task, group_leader);
	struct task_struct *parent = get(leader, real_parent);

	process->tgid = get(task, tgid);
	process->number = pid_number(leader);
	process->start = get(leader, start_boottime);
	process->parent = get(parent, tgid);
	process->parent_start = get(parent, group_leader, start_boottime);
	process->uid = get(task, cred, uid.val);
	process->cgroup = get(task, cgroups, dfl_cgrp, kn, id);
	process->kthread = !!(get(task, flags) & PF_KTHREAD);
	process->exit_code = get(task, exit_code);
	process->tracked = settings.filter_on ? task_matches(task) : 1;
	bpf_probe_read_kernel(process->comm, sizeof(process->comm), &leader->comm);
	return 0;
}

/* comm: the name it will have; NULL: as it is. */
static __noinline int process_record(struct task_struct *task, __u32 type, const char *comm)
{
	struct ipc_process *process = bpf_ringbuf_reserve(&records, IPC_PROCESS_BRIEF, 0);

	if (!process) {
		count(&counters.records_lost[type]);
		return 0;
	}
	record_begin(&process->record, type, IPC_PROCESS_BRIEF);
	process_describe_to(process, task);
	if (comm) {
		__builtin_memset(process->comm, 0, sizeof(process->comm));
		bpf_probe_read_kernel_str(process->comm, sizeof(process->comm), comm);
	}
	bpf_ringbuf_submit(process, record_flags());
	return 0;
}

static __noinline int exec_record(struct task_struct *task, struct file *exe)
{
	struct ipc_process *process = bpf_ringbuf_reserve(&records, sizeof(*process), 0);

	if (!process) {
		count(&counters.records_lost[IPC_RECORD_EXEC]);
		return 0;
	}
	record_begin(&process->record, IPC_RECORD_EXEC, sizeof(*process));
	process_describe_to(process, task);
	path_write(exe, &process->exe);
	bpf_ringbuf_submit(process, record_flags());
	return 0;
}

static __always_inline int on_fork(struct task_struct *parent, struct task_struct *child)
{
	struct task_struct *task = cast(struct task_struct, child);
	__u32 tgid = get(task, tgid), parent_tgid;
	__u8 tree = IPC_ROLE_TREE, *parents;

	if ((__u32)get(task, pid) != tgid)
		return 0; /* a thread */
	if (settings.filter_pids) {
		parent_tgid = get(cast(struct task_struct, parent), tgid);
		parents = bpf_map_lookup_elem(&followed, &parent_tgid);
		if (!parents || !(*parents & IPC_ROLE_TREE))
			bpf_map_delete_elem(&followed, &tgid); /* an earlier process of that number */
		else if (bpf_map_update_elem(&followed, &tgid, &tree, BPF_ANY))
			count(&counters.marks_refused);
	}
	return process_record(task, IPC_RECORD_FORK, NULL);
}

#if DIRECT_LOADS

#define DESCRIPTORS_TOUCHED 65536

static int descriptor_touch_next(__u32 fd, __u32 *max_fds)
{
	if (fd >= *max_fds)
		return 1;
	descriptor_touch(fd);
	return 0;
}

#else
/* No bpf_loop before 5.17, and the verifier follows every turn of this one. */
#define DESCRIPTORS_TOUCHED 64
#endif

/* By its new name the running process matches: what it has open is of interest from now on. */
static __always_inline void descriptors_touch(void)
{
#if DIRECT_LOADS
	__u32 max_fds = get(task_current(), files, fdt, max_fds);

	bpf_loop(DESCRIPTORS_TOUCHED, descriptor_touch_next, &max_fds, 0);
#else
	__u32 fd;

	for (fd = 0; fd < DESCRIPTORS_TOUCHED; fd++)
		descriptor_touch(fd);
#endif
}

static __always_inline int on_exec(struct task_struct *task, struct linux_binprm *binprm)
{
	struct linux_binprm *program = cast(struct linux_binprm, binprm);

	if (settings.filter_comms && comm_matches(cast(struct task_struct, task)))
		descriptors_touch();
	return exec_record(cast(struct task_struct, task), get(program, file));
}

static __always_inline int on_exit(struct task_struct *exiting)
{
	struct task_struct *task = cast(struct task_struct, exiting);
	__u8 *roles;
	__u32 tgid;

	/*
	 * The leader may go before its other threads, which act on as the same
	 * process; do_exit() counts live down before the tracepoint.
	 */
	if (get(task, signal, live.counter))
		return 0;
	if (settings.filter_pids) {
		tgid = get(task, tgid);
		roles = bpf_map_lookup_elem(&followed, &tgid);
		if (roles)
			*roles |= IPC_ROLE_GONE; /* it still signals its parent */
	}
	return process_record(task, IPC_RECORD_EXIT, NULL);
}

/* prctl(PR_SET_NAME) and /proc/PID/comm: the tracepoint fires before the name is set. */
static __always_inline int on_rename(struct task_struct *renamed, const char *comm)
{
	struct task_struct *task = cast(struct task_struct, renamed);

	if (!ready || get(task, pid) != get(task, tgid))
		return 0;
	if (settings.filter_comms && (__u32)bpf_get_current_pid_tgid() == (__u32)get(task, tgid) &&
	    name_matches(comm))
		descriptors_touch();
	return process_record(task, IPC_RECORD_RENAME, comm);
}

#endif
