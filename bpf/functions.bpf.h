/* SPDX-License-Identifier: GPL-2.0-only */
/* Every program on a kernel function, and the same again (run.bpf.h): rows of src/hooks.c. */
#ifndef FUNCTIONS_BPF_H
#define FUNCTIONS_BPF_H

#define ARGUMENTS(...) __VA_ARGS__

#define TWICE_AT(section, name, arguments, handler)                                   \
	SEC(section)                                                                 \
	int BPF_PROG(name, ARGUMENTS arguments)                                      \
	{                                                                            \
		const bool again = false;                                            \
		return handler;                                                      \
	}                                                                            \
	SEC(section)                                                                 \
	int BPF_PROG(name##_again, ARGUMENTS arguments)                              \
	{                                                                            \
		const bool again = true;                                             \
		return handler;                                                      \
	}

/* When a function returns, and when it begins. */
#define TWICE(name, arguments, handler) TWICE_AT("?fexit", name, arguments, handler)
#define TWICE_ENTERED(name, arguments, handler) TWICE_AT("?fentry", name, arguments, handler)

TWICE(pipe_read, (struct kiocb *call, struct iov_iter *to, __s64 result),
      on_pipe(call, IPC_RX, result, again))
TWICE(pipe_write, (struct kiocb *call, struct iov_iter *from, __s64 result),
      on_pipe(call, IPC_TX, result, again))
TWICE_ENTERED(mutex_released, (struct mutex *mutex), on_mutex_unlock(mutex, again))
TWICE(pipe_made, (struct pipe_inode_info *made), on_pipe_made(made, again))
TWICE_ENTERED(pipe_freed, (struct pipe_inode_info *freed), on_pipe_freed(freed, again))
TWICE(tty_read, (struct kiocb *call, struct iov_iter *to, __s64 result),
      on_tty(call, IPC_RX, result, again))
TWICE(tty_write, (struct kiocb *call, struct iov_iter *from, __s64 result),
      on_tty(call, IPC_TX, result, again))
TWICE(splice, (struct file *in, void *off_in, struct file *out, void *off_out, __u64 len, int flags, __s64 result),
      on_splice(in, out, true, result, again))
TWICE(tee, (struct file *in, struct file *out, __u64 len, int flags, __s64 result),
      on_splice(in, out, false, result, again))
TWICE(sendfile, (int out, int in, void *position, __u64 count, __s64 max, __s64 result),
      on_sendfile(in, out, result, again))
TWICE(vmsplice, (const struct pt_regs *regs, __s64 result), on_vmsplice(regs, false, result, again))
TWICE(vmsplice_compat, (const struct pt_regs *regs, __s64 result), on_vmsplice(regs, true, result, again))
TWICE(listen, (int fd, int backlog, int result), on_listen(fd, result, again))
TWICE(ptmx, (struct inode *inode, struct file *file, int result), on_ptmx(file, result, again))
TWICE(ring_sync, (struct io_uring_sqe *sqe, int result), on_ring_sync(sqe, result, again))
TWICE(unix_stream_send, (struct socket *socket, struct msghdr *message, __u64 len, int result),
      on_message(socket, message, IPC_TX, SOCK_STREAM, 0, result, again))
TWICE(unix_dgram_send, (struct socket *socket, struct msghdr *message, __u64 len, int result),
      on_message(socket, message, IPC_TX, SOCK_DGRAM, 0, result, again))
TWICE(unix_seqpacket_send, (struct socket *socket, struct msghdr *message, __u64 len, int result),
      on_message(socket, message, IPC_TX, SOCK_SEQPACKET, 0, result, again))
TWICE(inet_send, (struct socket *socket, struct msghdr *message, __u64 len, int result),
      on_message(socket, message, IPC_TX, 0, 0, result, again))
TWICE(inet6_send, (struct socket *socket, struct msghdr *message, __u64 len, int result),
      on_message(socket, message, IPC_TX, 0, 0, result, again))
TWICE(unix_stream_receive, (struct socket *socket, struct msghdr *message, __u64 len, int flags, int result),
      on_message(socket, message, IPC_RX, SOCK_STREAM, flags, result, again))
TWICE(unix_dgram_receive, (struct socket *socket, struct msghdr *message, __u64 len, int flags, int result),
      on_message(socket, message, IPC_RX, SOCK_DGRAM, flags, result, again))
TWICE(unix_seqpacket_receive, (struct socket *socket, struct msghdr *message, __u64 len, int flags, int result),
      on_message(socket, message, IPC_RX, SOCK_SEQPACKET, flags, result, again))
TWICE(inet_receive, (struct socket *socket, struct msghdr *message, __u64 len, int flags, int result),
      on_message(socket, message, IPC_RX, 0, flags, result, again))
TWICE(inet6_receive, (struct socket *socket, struct msghdr *message, __u64 len, int flags, int result),
      on_message(socket, message, IPC_RX, 0, flags, result, again))

#endif
