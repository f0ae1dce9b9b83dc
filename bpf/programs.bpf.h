/* SPDX-License-Identifier: GPL-2.0-only */
/* Every program on a tracepoint: a row of src/hooks.c each, and of IPC_TRACEPOINT_LIST in programs.h. */
#ifndef PROGRAMS_BPF_H
#define PROGRAMS_BPF_H

#define TRACEPOINT(tracepoint, name, arguments, handler) TWICE("?tp_btf/" #tracepoint, name, arguments, handler)

TRACEPOINT(sys_exit, sys_exit, (struct pt_regs *regs, long result), on_sys_exit(regs, result))
TRACEPOINT(sock_send_length, sock_sent, (struct sock *sk, int length, int flags),
	   on_length(sk, IPC_TX, length, flags))
TRACEPOINT(sock_recv_length, sock_received, (struct sock *sk, int length, int flags),
	   on_length(sk, IPC_RX, length, flags))
TRACEPOINT(sk_data_ready, data_ready, (const struct sock *sk), on_data_ready(sk))
TRACEPOINT(inet_sock_set_state, inet_state, (const struct sock *sk, const int oldstate, const int newstate),
	   on_inet_state(sk, newstate))
/* What its arguments are differs by kernel. */
TRACEPOINT(io_uring_complete, uring_completed, (void *first), on_uring_complete(ctx))
TRACEPOINT(io_uring_cqe_overflow, uring_overflowed, (void *ring, __u64 user_data, int result, __u32 flags, void *cqe),
	   on_uring_overflow(result))
TRACEPOINT(io_uring_submit_req, uring_submitted, (struct io_kiocb *request), on_uring_submit(request))
TRACEPOINT(signal_generate, signal_sent,
	   (int sig, struct kernel_siginfo *info, struct task_struct *to, int group, int result),
	   on_signal(sig, info, to, group, result))
TRACEPOINT(sched_process_fork, process_forked, (struct task_struct *parent, struct task_struct *child),
	   on_fork(parent, child))
TRACEPOINT(sched_process_exec, process_executed,
	   (struct task_struct *task, int old_pid, struct linux_binprm *binprm), on_exec(task, binprm))
TRACEPOINT(sched_process_exit, process_exited, (struct task_struct *task), on_exit(task))
TRACEPOINT(task_rename, process_renamed, (struct task_struct *task, const char *comm), on_rename(task, comm))

/* ipcdump */
TRACEPOINT(sys_enter, sys_enter, (struct pt_regs *regs, long id), on_sys_enter(regs))
TRACEPOINT(consume_skb, datagram_taken, (struct sk_buff *skb), on_datagram(skb))
TRACEPOINT(net_dev_queue, packet_sent, (struct sk_buff *skb), on_packet(skb))

#endif
