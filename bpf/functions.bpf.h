/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * Every program on a kernel function: as fexit, and the same again (run.bpf.h), and as kprobe
 * and kretprobe (kprobe.bpf.h). Rows of src/hooks.c, and of IPC_FUNCTION_LIST in programs.h.
 */
#ifndef FUNCTIONS_BPF_H
#define FUNCTIONS_BPF_H

#define ARITY(...) ___bpf_narg(__VA_ARGS__)

#define FUNCTION_KIND(name) function_kind(IPC_FUNCTION_##name)

/* When a function returns, and when it begins. */
#define FEXIT(name, arguments, handler) TWICE("?fexit", name, arguments, handler)
#define FENTRY(name, arguments, handler) TWICE("?fentry", name, arguments, handler)

/* As fexit has them: the arguments (the first four, the rest as 0), and the result after the last. */
#define KRETPROBE(name, arguments, handler)                                          \
	static __always_inline int BPF_PROG(name##_handle, ARGUMENTS arguments)      \
	{                                                                            \
		return handler;                                                      \
	}                                                                            \
	SEC("?kprobe")                                                               \
	int name##_entered(struct pt_regs *regs)                                     \
	{                                                                            \
		return call_begin(regs, IPC_FUNCTION_##name, FUNCTION_KIND(name));   \
	}                                                                            \
	SEC("?kretprobe")                                                            \
	int name##_returned(struct pt_regs *regs)                                    \
	{                                                                            \
		__u64 context[8] = {};                                               \
		__u64 result = PT_REGS_RC(regs);                                     \
		if (!call_end(IPC_FUNCTION_##name, result, context))                 \
			return 0;                                                    \
		context[ARITY(ARGUMENTS arguments) - 1] = result;                    \
		name##_handle(context);                                              \
		return 0;                                                            \
	}

/* What needs no more than the first argument, and nothing kept; or the result alone. */
#define KPROBE_ENTERED(name, type, handler)                \
	SEC("?kprobe")                                     \
	int name##_entered(struct pt_regs *regs)           \
	{                                                  \
		return handler((type)PT_REGS_PARM1(regs)); \
	}
#define KPROBE_RETURNED(name, type, handler)               \
	SEC("?kretprobe")                                  \
	int name##_returned(struct pt_regs *regs)          \
	{                                                  \
		return handler((type)PT_REGS_RC(regs)); \
	}

#define FUNCTION(name, arguments, handler) \
	FEXIT(name, arguments, handler)    \
	KRETPROBE(name, arguments, handler)

FUNCTION(pipe_read, (struct kiocb *call, struct iov_iter *to, __s64 result),
         on_pipe(call, IPC_RX, result))
FUNCTION(pipe_write, (struct kiocb *call, struct iov_iter *from, __s64 result),
         on_pipe(call, IPC_TX, result))
FENTRY(mutex_released, (struct mutex *mutex), on_mutex_unlock(mutex))
FEXIT(pipe_made, (struct pipe_inode_info *made), on_pipe_made(made))
FENTRY(pipe_freed, (struct pipe_inode_info *freed), on_pipe_freed(freed))
KPROBE_ENTERED(mutex_released, struct mutex *, on_mutex_unlock)
KPROBE_RETURNED(pipe_made, struct pipe_inode_info *, on_pipe_made)
KPROBE_ENTERED(pipe_freed, struct pipe_inode_info *, on_pipe_freed)
FUNCTION(tty_read, (struct kiocb *call, struct iov_iter *to, __s64 result),
         on_tty(call, IPC_RX, result))
FUNCTION(tty_write, (struct kiocb *call, struct iov_iter *from, __s64 result),
         on_tty(call, IPC_TX, result))
FUNCTION(splice, (struct file *in, void *off_in, struct file *out, void *off_out, __u64 len, int flags, __s64 result),
         on_splice(in, out, true, result))
FUNCTION(tee, (struct file *in, struct file *out, __u64 len, int flags, __s64 result),
         on_splice(in, out, false, result))
FUNCTION(sendfile, (int out, int in, void *position, __u64 count, __s64 max, __s64 result),
         on_sendfile(in, out, result))
FUNCTION(vmsplice, (const struct pt_regs *regs, __s64 result), on_vmsplice(regs, false, result))
FUNCTION(vmsplice_compat, (const struct pt_regs *regs, __s64 result), on_vmsplice(regs, true, result))
FUNCTION(listen, (int fd, int backlog, int result), on_listen(fd, result))
FUNCTION(ptmx, (struct inode *inode, struct file *file, int result), on_ptmx(file, result))
FUNCTION(ring_sync, (struct io_uring_sqe *sqe, int result), on_ring_sync(sqe, result))
FUNCTION(unix_stream_send, (struct socket *socket, struct msghdr *message, __u64 len, int result),
         on_message(socket, message, IPC_TX, SOCK_STREAM, 0, result))
FUNCTION(unix_dgram_send, (struct socket *socket, struct msghdr *message, __u64 len, int result),
         on_message(socket, message, IPC_TX, SOCK_DGRAM, 0, result))
FUNCTION(unix_seqpacket_send, (struct socket *socket, struct msghdr *message, __u64 len, int result),
         on_message(socket, message, IPC_TX, SOCK_SEQPACKET, 0, result))
FENTRY(unix_arrived, (struct sock *sk), on_data_ready(sk))
KPROBE_ENTERED(unix_arrived, struct sock *, on_data_ready)
FENTRY(unix_filled, (struct sk_buff *skb), on_skb_filled(skb))
FENTRY(unix_appended, (struct sk_buff *skb), on_skb_appended(skb))
FENTRY(unix_stream_taken, (struct sk_buff *skb, int skip, int chunk, struct unix_stream_read_state *state),
       on_stream_taken(skb, skip, chunk, state))
FUNCTION(unix_stream_spliced, (struct sk_buff *skb, int skip, int chunk, struct unix_stream_read_state *state, int result),
         on_stream_taken(skb, skip, result, state))
FUNCTION(unix_message_taken, (struct sock *sk, struct sk_buff_head *queue, unsigned int flags, int *offset, int *error,
			      struct sk_buff **last, struct sk_buff *skb),
         on_message_taken(sk, flags, skb))
KPROBE_ENTERED(unix_filled, struct sk_buff *, on_skb_filled)
KPROBE_ENTERED(unix_appended, struct sk_buff *, on_skb_appended)
SEC("?kprobe")
int unix_stream_taken_entered(struct pt_regs *regs)
{
	on_stream_taken((struct sk_buff *)PT_REGS_PARM1(regs), PT_REGS_PARM2(regs), PT_REGS_PARM3(regs),
			(struct unix_stream_read_state *)PT_REGS_PARM4(regs));
	return 0;
}
FUNCTION(inet_send, (struct socket *socket, struct msghdr *message, __u64 len, int result),
         on_message(socket, message, IPC_TX, 0, 0, result))
FUNCTION(inet6_send, (struct socket *socket, struct msghdr *message, __u64 len, int result),
         on_message(socket, message, IPC_TX, 0, 0, result))
FUNCTION(unix_stream_receive, (struct socket *socket, struct msghdr *message, __u64 len, int flags, int result),
         on_message(socket, message, IPC_RX, SOCK_STREAM, flags, result))
FUNCTION(unix_dgram_receive, (struct socket *socket, struct msghdr *message, __u64 len, int flags, int result),
         on_message(socket, message, IPC_RX, SOCK_DGRAM, flags, result))
FUNCTION(unix_seqpacket_receive, (struct socket *socket, struct msghdr *message, __u64 len, int flags, int result),
         on_message(socket, message, IPC_RX, SOCK_SEQPACKET, flags, result))
FUNCTION(inet_receive, (struct socket *socket, struct msghdr *message, __u64 len, int flags, int result),
         on_message(socket, message, IPC_RX, 0, flags, result))
FUNCTION(inet6_receive, (struct socket *socket, struct msghdr *message, __u64 len, int flags, int result),
         on_message(socket, message, IPC_RX, 0, flags, result))

/* Whose kretprobes missed something. */
TWICE("?tp_btf/sys_exit", call_left, (struct pt_regs *regs, long result), on_call_left(regs, result))

#endif
