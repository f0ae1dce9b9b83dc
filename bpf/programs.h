/* SPDX-License-Identifier: GPL-2.0-only */
/* The numbers of the BPF programs, and what those on kernel functions keep: a part of ipcmap.h. */
#ifndef IPCMAP_PROGRAMS_H
#define IPCMAP_PROGRAMS_H

/*
 * The kprobe flavour (bpf/kprobe.bpf.h): kernel functions, what their first argument is, and
 * which system calls return what they do.
 */
enum ipc_function_kind {
	IPC_ON_NOTHING,
	IPC_ON_KIOCB,  /* struct kiocb *, of a file */
	IPC_ON_SOCKET, /* struct socket * */
};

#define IPC_CALLS_READING (1U << IPC_CALL_READ | 1U << IPC_CALL_RECVFROM | 1U << IPC_CALL_RECVMSG | 1U << IPC_CALL_RECV)
#define IPC_CALLS_WRITING (1U << IPC_CALL_WRITE | 1U << IPC_CALL_SENDTO | 1U << IPC_CALL_SENDMSG)

#define IPC_FUNCTION_LIST(ROW)                                       \
	ROW(pipe_read, IPC_ON_KIOCB, IPC_CALLS_READING)              \
	ROW(pipe_write, IPC_ON_KIOCB, IPC_CALLS_WRITING)             \
	ROW(tty_read, IPC_ON_KIOCB, IPC_CALLS_READING)               \
	ROW(tty_write, IPC_ON_KIOCB, IPC_CALLS_WRITING)              \
	ROW(splice, IPC_ON_NOTHING, 1U << IPC_CALL_SPLICE)           \
	ROW(tee, IPC_ON_NOTHING, 1U << IPC_CALL_TEE)                 \
	ROW(sendfile, IPC_ON_NOTHING, 1U << IPC_CALL_SENDFILE)       \
	ROW(vmsplice, IPC_ON_NOTHING, 1U << IPC_CALL_VMSPLICE)       \
	ROW(vmsplice_compat, IPC_ON_NOTHING, 1U << IPC_CALL_VMSPLICE) \
	ROW(listen, IPC_ON_NOTHING, 0)                               \
	ROW(ptmx, IPC_ON_NOTHING, 0)                                 \
	ROW(ring_sync, IPC_ON_NOTHING, 0)                            \
	ROW(unix_stream_send, IPC_ON_SOCKET, IPC_CALLS_WRITING)      \
	ROW(unix_dgram_send, IPC_ON_SOCKET, IPC_CALLS_WRITING)       \
	ROW(unix_seqpacket_send, IPC_ON_SOCKET, IPC_CALLS_WRITING)   \
	ROW(inet_send, IPC_ON_SOCKET, IPC_CALLS_WRITING)             \
	ROW(inet6_send, IPC_ON_SOCKET, IPC_CALLS_WRITING)            \
	ROW(unix_stream_receive, IPC_ON_SOCKET, IPC_CALLS_READING)   \
	ROW(unix_dgram_receive, IPC_ON_SOCKET, IPC_CALLS_READING)    \
	ROW(unix_seqpacket_receive, IPC_ON_SOCKET, IPC_CALLS_READING) \
	ROW(inet_receive, IPC_ON_SOCKET, IPC_CALLS_READING)          \
	ROW(inet6_receive, IPC_ON_SOCKET, IPC_CALLS_READING)         \
	ROW(unix_stream_spliced, IPC_ON_NOTHING, 0)                  \
	ROW(unix_message_taken, IPC_ON_NOTHING, 0)

enum ipc_function {
#define IPC_FUNCTION_ROW(name, kind, calls) IPC_FUNCTION_##name,
	IPC_FUNCTION_LIST(IPC_FUNCTION_ROW)
#undef IPC_FUNCTION_ROW
	IPC_FUNCTIONS
};

/* What is there twice (bpf/run.bpf.h): on tracepoints; on functions as they begin, or as they return. */
#define IPC_TRACEPOINT_LIST(ROW)                                                              \
	ROW(sys_exit) ROW(sock_sent) ROW(sock_received) ROW(data_ready) ROW(inet_state)       \
	ROW(uring_completed) ROW(uring_overflowed) ROW(uring_submitted) ROW(signal_sent) ROW(process_forked)        \
	ROW(process_executed) ROW(process_exited) ROW(process_renamed) ROW(sys_enter)         \
	ROW(datagram_taken) ROW(packet_sent) ROW(call_left)

#define IPC_ENTRY_LIST(ROW)                                                                   \
	ROW(mutex_released) ROW(pipe_made) ROW(pipe_freed) ROW(unix_filled) ROW(unix_appended) \
	ROW(unix_stream_taken) ROW(unix_arrived)

enum ipc_program {
#define IPC_PROGRAM_ROW(name, ...) IPC_PROGRAM_##name,
	IPC_TRACEPOINT_LIST(IPC_PROGRAM_ROW)
	IPC_TRACEPOINTS, /* how many; no program */
	IPC_ENTRY_LIST(IPC_PROGRAM_ROW)
	IPC_FUNCTION_LIST(IPC_PROGRAM_ROW)
#undef IPC_PROGRAM_ROW
	IPC_PROGRAMS
};

#define IPC_FUNCTIONS_ROOM 32 /* a power of two, for the verifier */
_Static_assert(IPC_FUNCTIONS <= IPC_FUNCTIONS_ROOM, "room for a counter of each function");

#define IPC_RUNNING_MAX 65536 /* threads that are in one of these functions at once */
#define IPC_RUNNING_DEPTH 4

/* A function that has begun, and has not been seen to return. */
struct ipc_frame {
	__u64 arguments[4];
	__u64 object; /* by its kind: the file, the socket, or 0 */
	__u32 function; /* enum ipc_function */
	__u32 apart; /* no system call ends with it */
};

/* Those of one thread, the first called first. */
struct ipc_running {
	__u32 depth, pad;
	struct ipc_frame frames[IPC_RUNNING_DEPTH];
};

#endif
