/* SPDX-License-Identifier: GPL-2.0-only */
/* Every program on a tracepoint, and the same again (see run.bpf.h): a row of src/hooks.c each. */
#ifndef PROGRAMS_BPF_H
#define PROGRAMS_BPF_H

SEC("?tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long result)
{
	return on_sys_exit(regs, result, false);
}

SEC("?tp_btf/sys_exit")
int BPF_PROG(sys_exit_again, struct pt_regs *regs, long result)
{
	return on_sys_exit(regs, result, true);
}

/* ipcdump */
SEC("?tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long id)
{
	return on_sys_enter(regs, false);
}

SEC("?tp_btf/sys_enter")
int BPF_PROG(sys_enter_again, struct pt_regs *regs, long id)
{
	return on_sys_enter(regs, true);
}

SEC("?tp_btf/consume_skb")
int BPF_PROG(datagram_taken, struct sk_buff *skb)
{
	return on_datagram(skb, false);
}

SEC("?tp_btf/consume_skb")
int BPF_PROG(datagram_taken_again, struct sk_buff *skb)
{
	return on_datagram(skb, true);
}

SEC("?tp_btf/net_dev_queue")
int BPF_PROG(packet_sent, struct sk_buff *skb)
{
	return on_packet(skb, false);
}

SEC("?tp_btf/net_dev_queue")
int BPF_PROG(packet_sent_again, struct sk_buff *skb)
{
	return on_packet(skb, true);
}

SEC("?tp_btf/sock_send_length")
int BPF_PROG(sock_sent, struct sock *sk, int length, int flags)
{
	return on_length(sk, IPC_TX, length, flags, false);
}

SEC("?tp_btf/sock_send_length")
int BPF_PROG(sock_sent_again, struct sock *sk, int length, int flags)
{
	return on_length(sk, IPC_TX, length, flags, true);
}

SEC("?tp_btf/sock_recv_length")
int BPF_PROG(sock_received, struct sock *sk, int length, int flags)
{
	return on_length(sk, IPC_RX, length, flags, false);
}

SEC("?tp_btf/sock_recv_length")
int BPF_PROG(sock_received_again, struct sock *sk, int length, int flags)
{
	return on_length(sk, IPC_RX, length, flags, true);
}

SEC("?tp_btf/sk_data_ready")
int BPF_PROG(data_ready, const struct sock *sk)
{
	return on_data_ready(sk, false);
}

SEC("?tp_btf/sk_data_ready")
int BPF_PROG(data_ready_again, const struct sock *sk)
{
	return on_data_ready(sk, true);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(inet_state, const struct sock *sk, const int oldstate, const int newstate)
{
	return on_inet_state(sk, newstate, false);
}

SEC("?tp_btf/inet_sock_set_state")
int BPF_PROG(inet_state_again, const struct sock *sk, const int oldstate, const int newstate)
{
	return on_inet_state(sk, newstate, true);
}

SEC("?tp_btf/io_uring_complete")
int uring_completed(__u64 *arguments)
{
	return on_uring_complete(arguments, false);
}

SEC("?tp_btf/io_uring_complete")
int uring_completed_again(__u64 *arguments)
{
	return on_uring_complete(arguments, true);
}

SEC("?tp_btf/io_uring_submit_req")
int BPF_PROG(uring_submitted, struct io_kiocb *request)
{
	return on_uring_submit(request, false);
}

SEC("?tp_btf/io_uring_submit_req")
int BPF_PROG(uring_submitted_again, struct io_kiocb *request)
{
	return on_uring_submit(request, true);
}

SEC("?tp_btf/signal_generate")
int BPF_PROG(signal_sent, int sig, struct kernel_siginfo *info, struct task_struct *to, int group, int result)
{
	return on_signal(sig, info, to, group, result, false);
}

SEC("?tp_btf/signal_generate")
int BPF_PROG(signal_sent_again, int sig, struct kernel_siginfo *info, struct task_struct *to, int group, int result)
{
	return on_signal(sig, info, to, group, result, true);
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(process_forked, struct task_struct *parent, struct task_struct *child)
{
	return on_fork(parent, child, false);
}

SEC("?tp_btf/sched_process_fork")
int BPF_PROG(process_forked_again, struct task_struct *parent, struct task_struct *child)
{
	return on_fork(parent, child, true);
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(process_executed, struct task_struct *task, int old_pid, struct linux_binprm *binprm)
{
	return on_exec(task, binprm, false);
}

SEC("?tp_btf/sched_process_exec")
int BPF_PROG(process_executed_again, struct task_struct *task, int old_pid, struct linux_binprm *binprm)
{
	return on_exec(task, binprm, true);
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(process_exited, struct task_struct *task)
{
	return on_exit(task, false);
}

SEC("?tp_btf/sched_process_exit")
int BPF_PROG(process_exited_again, struct task_struct *task)
{
	return on_exit(task, true);
}

SEC("?tp_btf/task_rename")
int BPF_PROG(process_renamed, struct task_struct *task, const char *comm)
{
	return on_rename(task, comm, false);
}

SEC("?tp_btf/task_rename")
int BPF_PROG(process_renamed_again, struct task_struct *task, const char *comm)
{
	return on_rename(task, comm, true);
}

#endif
