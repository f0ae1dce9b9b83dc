/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the BPF programs and user space share: keys, values and records.
 * Included by both sides, so it uses only fixed-width kernel types and
 * includes none that has them: the includer provides __u8 ... __u64.
 */
#ifndef IPCMAP_H
#define IPCMAP_H

#include "programs.h"

/* Mechanisms, in the order in which legends and tables list them. */
enum ipc_mechanism {
	IPC_PIPE,
	IPC_FIFO,
	IPC_UNIX_STREAM,
	IPC_UNIX_DGRAM,
	IPC_UNIX_SEQPACKET,
	IPC_TCP,
	IPC_UDP,
	IPC_PTY,
	IPC_SIGNAL,
	IPC_MSG_RING,
	IPC_MECHANISMS /* how many there are */
};

enum ipc_direction {
	IPC_TX = 0, /* the process gave bytes to the channel */
	IPC_RX = 1, /* the process took bytes from it */
};

enum ipc_side {
	IPC_SIDE_NONE = 0,
	IPC_SIDE_MASTER = 1, /* pty: the terminal's side (/dev/ptmx) */
	IPC_SIDE_SLAVE = 2,  /* pty: the programs' side (/dev/pts/N) */
	/* unix, received of one sender: with others' in one call, which counts with the last one's */
	IPC_SIDE_PART = 3,
	IPC_SIDE_CUT = 4, /* ... what a buffer had no room for of its datagrams; no ops */
};

/*
 * One flow: what one process did to one channel in one direction.
 *
 * object, remote:
 *   pipe             inode number, 0
 *   fifo             inode number, device << 32 | inode generation
 *   unix stream/seq  inode number of the own socket, 0
 *   unix dgram       inode number of the own socket; tx: inode number of the
 *                    receiving socket, or a hash of its address with
 *                    IPC_REMOTE_ADDRESS set, or 0 when not known
 *   unix, rx         inode number of the own socket; where messages carry their
 *                    sender: ipc_sender() of it or IPC_SENDER_UNKNOWN, else 0
 *   tcp              inode number of the own socket, 0
 *   udp              inode number of the own socket, hash of the remote address
 *                    (0 when not known)
 *   pty              kernel address of the slave's tty, generation (see pty)
 *   signal           start time of the target, target's tgid | signal << 32
 *   msg_ring         inode number of the target ring; 1 where it has several owners
 * A sender with tgid 0 is the kernel itself.
 */
struct ipc_flow_key {
	__u64 start; /* start_boottime of the process, ns */
	__u64 object;
	__u64 remote;
	__u32 tgid;
	__u8 mechanism; /* enum ipc_mechanism */
	__u8 direction; /* enum ipc_direction */
	__u8 side;	/* enum ipc_side */
	__u8 pad;
};
_Static_assert(sizeof(struct ipc_flow_key) == 32, "flow key has no holes");

struct ipc_flow_value {
	__u64 ops;
	__u64 bytes;	   /* signal: how many were queued for delivery */
	__u64 first;	   /* CLOCK_MONOTONIC, ns */
	__u64 last;	   /* jiffies64: a direct load, where a clock read is a call */
	__u32 tracked;	   /* the process matched the filter */
	__u32 target_tracked; /* signal: the target matched the filter */
};

#define IPC_SENDER_UNKNOWN 1

/* One number of a process: a tgid has 22 bits, and comes again after more than a nanosecond. */
static inline __u64 ipc_sender(__u64 start, __u32 tgid)
{
	return start ^ (__u64)tgid << 42;
}

/* A flow that has a place of its own in front of the map of all: bpf/record.bpf.h. */
struct ipc_slot {
	struct ipc_flow_key key;
	struct ipc_flow_value value;
};

#define IPC_SLOT_BITS 14
#define IPC_SLOTS (1 << IPC_SLOT_BITS)

static inline __u32 ipc_slot_place(const struct ipc_flow_key *key)
{
	__u64 last = *(const __u64 *)__builtin_assume_aligned((const char *)key + 24, 8);
	__u64 hash = (key->start ^ key->remote) * 0x9e3779b97f4a7c15ULL + (key->object ^ last);

	return (hash * 0xbf58476d1ce4e5b9ULL) >> (64 - IPC_SLOT_BITS);
}

/*
 * Of a pipe or FIFO that several processes write to: what one process took out of it of what one
 * other had put in (from_tgid 0: of nobody knows whom).
 */
struct ipc_taken_key {
	__u64 start, from_start; /* start_boottime of either process, ns */
	__u64 pipe;		 /* its number in shared_pipes */
	__u32 tgid, from_tgid;
};
_Static_assert(sizeof(struct ipc_taken_key) == 32, "taken key has no holes");

struct ipc_taken {
	__u64 ops; /* reads that took any of it */
	__u64 bytes;
	__u64 section, last_bytes; /* which was the last read, and what it took */
};

/* One that has a place of its own in front of the map of all: bpf/runs.bpf.h. */
struct ipc_taken_slot {
	struct ipc_taken_key key;
	struct ipc_taken value;
};

#define IPC_TAKEN_BITS 12
#define IPC_TAKEN_SLOTS (1 << IPC_TAKEN_BITS)

static inline __u32 ipc_taken_place(const struct ipc_taken_key *key)
{
	__u64 hash = (key->start ^ key->pipe) * 0x9e3779b97f4a7c15ULL + (key->from_start ^ key->from_tgid);

	return (hash * 0xbf58476d1ce4e5b9ULL) >> (64 - IPC_TAKEN_BITS);
}

/* A pipe or FIFO that several processes have written to. */
struct ipc_shared_pipe {
	__u64 object, remote; /* as in the flow key, if named */
	__u64 start;	      /* whoever wrote all that was taken before others wrote; tgid 0: not known */
	__u32 tgid;
	__u8 mechanism, named;
	__u8 pad[2];
};

#define IPC_REMOTE_ADDRESS (1ULL << 63)

#define IPC_COMM_LEN 16
#define IPC_SUN_LEN 108
#define IPC_PATH_LEN 1024

enum ipc_record_type {
	IPC_RECORD_FORK = 1,
	IPC_RECORD_EXEC,
	IPC_RECORD_EXIT,
	IPC_RECORD_RENAME,
	IPC_RECORD_OBJECT,
	IPC_RECORD_PATH,
	/* ipcdump only: */
	IPC_RECORD_EVENT,
	IPC_RECORD_CONTENTS,
	IPC_RECORD_LOST,
};

struct ipc_record {
	__u32 type; /* enum ipc_record_type */
	__u32 size; /* of the whole record, bytes */
	__u64 time; /* CLOCK_MONOTONIC, ns */
};

/*
 * A path as the kernel holds it: its components from the last to the first,
 * each ended by a NUL ("b\0a\0" is /a/b). Turning it round costs user space
 * nothing and the verifier a lot. len counts the bytes used.
 */
struct ipc_path {
	__u32 len;
	__u32 truncated;
	char text[IPC_PATH_LEN];
};

struct ipc_process {
	struct ipc_record record;
	__u64 start;
	__u64 parent_start;
	__u64 cgroup; /* kernfs id on the cgroup2 hierarchy */
	__u32 tgid;
	__u32 parent;
	__u32 uid;
	__u32 tracked;
	__u32 kthread;
	__u32 exit_code;
	__u32 number; /* the pid that ipcmap's own namespace knows it by; 0: none */
	__u32 pad;
	char comm[IPC_COMM_LEN];
	struct ipc_path exe; /* IPC_RECORD_EXEC and the inventory only: other records end before it */
};

#define IPC_PROCESS_BRIEF __builtin_offsetof(struct ipc_process, exe)

/* A kernel object that carries data, as seen by the first process to use it. */
struct ipc_object {
	struct ipc_record record;
	__u64 object; /* as in the flow key */
	__u64 remote;
	__u64 sk;	/* sockets: kernel address, tells incarnations apart */
	__u64 peer_sk;	/* unix: kernel address of the connected peer */
	__u64 peer_ino; /* unix: its inode number; 0 while not accepted */
	__u64 path_ino; /* unix, bound to a path: the socket file's inode */
	__u64 queued;	/* inventory: bytes waiting to be read here */
	__u32 path_dev;
	__u32 netns; /* inode number of the network namespace */
	__u32 dev;   /* kernel's encoding: major << 20 | minor */
	__u32 tx_isn; /* tcp: the first sequence number of each direction */
	__u32 rx_isn;
	__u32 index; /* pty: N of /dev/pts/N */
	__u8 mechanism;
	__u8 side;
	__u8 family; /* AF_UNIX, AF_INET, AF_INET6 */
	__u8 state;  /* tcp and unix: TCP_ESTABLISHED, TCP_LISTEN, ... */
	__u16 local_port; /* host order */
	__u16 remote_port;
	__u8 local_addr[16]; /* IPv4 in the first four bytes */
	__u8 remote_addr[16];
	__u16 name_len;	 /* unix: bytes of name in use */
	__u8 name_is_peers; /* the name is the address of the peer */
	__u8 name_is_remote; /* the name is what remote is the hash of */
	__u32 queued_ops; /* inventory: datagrams waiting to be read here */
	/* inventory, tcp: where its writers and its readers are, as sequence numbers */
	__u32 write_seq, read_seq;
	char name[IPC_SUN_LEN];
	__u32 by_tgid; /* listen(): who called it; 0: it was there before */
	__u64 by_start;
};

/* The path of a FIFO, after its object. */
struct ipc_object_path {
	struct ipc_record record;
	__u64 object;
	__u64 remote;
	struct ipc_path path;
};

/* One open descriptor of the inventory. */
struct ipc_descriptor {
	__u64 start;
	__u32 tgid;
	__u32 fd;
	__u32 readable;
	__u32 writable;
	struct ipc_object object;
};

/*
 * The event stream (ipcdump). A way is one direction of a channel, under a number that
 * both its ends can tell without the other:
 *   pipe, fifo           as in the flow key
 *   unix                 kernel address of the sending socket, 0
 *   tcp                  hash of where from and where to, network namespace
 *   udp                  likewise, but of where to the port alone; and one of that port
 *   pty                  as in the flow key; side: the sender's
 */
struct ipc_way {
	__u64 object, remote;
	__u8 mechanism, side;
	__u8 pad[6];
};

enum ipc_event_flag {
	IPC_EVENT_SENDER = 1,	/* the source is known (tgid 0: the kernel) */
	IPC_EVENT_SHARED = 2,	/* it is not, since several processes sent by this way */
	IPC_EVENT_PRIOR = 4,	/* it is not: what waited there when somebody was first seen to send */
	IPC_EVENT_CONTENTS = 8, /* records of its contents follow */
	IPC_EVENT_QUEUED = 16,	/* signal: queued for delivery */
	IPC_EVENT_FROM = 32,	/* udp: from_addr and from_port are set */
};

/* Why an event has no contents. */
enum ipc_contents_reason {
	IPC_CONTENTS_THERE,
	IPC_CONTENTS_SPLICED,  /* no program's buffer saw them */
	IPC_CONTENTS_IO_URING,
	IPC_CONTENTS_NOT_HERE, /* this kernel can't */
};

/* Bytes that arrived, or a signal (the flow key's fields as there). */
struct ipc_event {
	struct ipc_record record;
	__u64 object, remote; /* as in the flow key */
	__u64 src_start, dst_start;
	__u64 bytes; /* signal: 0 */
	__u32 src_tgid, dst_tgid;
	__u32 tid; /* the reader's; signal: the thread that it was sent to */
	__s32 code; /* signal: si_code */
	__u8 mechanism, side, flags, reason;
	__u16 from_port, pad; /* host order */
	char src_comm[IPC_COMM_LEN], dst_comm[IPC_COMM_LEN];
	__u8 from_addr[16]; /* IPv4 as v4-mapped */
};

/* The number by which contents name their event. */
#define IPC_EVENT_ID(time) ((__u32)((time) & 0x3fffffff) | 0x40000000)

enum ipc_contents_flag {
	IPC_CONTENTS_LAST = 1,	  /* no more of this event */
	IPC_CONTENTS_MISSING = 2, /* these bytes could not be read */
	IPC_CONTENTS_CUT = 4,	  /* there is more that the buffers did not hold */
};

/* Some of the contents of an event; bytes follow. */
struct ipc_contents {
	struct ipc_record record;
	__u64 offset;
	__u32 tid, event; /* whose; IPC_EVENT_ID() */
	__u32 len;
	__u8 flags, pad[3];
	__u8 bytes[];
};

/* Events that the ring had no room for, by this place in it. */
struct ipc_lost {
	struct ipc_record record;
	__u64 events[IPC_MECHANISMS]; /* since the start */
};

/*
 * What a filter asks of the two ends of an event. A process has those bits that it
 * was named with; an event passes when its ends have all that are asked for.
 */
enum ipc_role {
	IPC_ROLE_TREE = 1, /* either end, and so its descendants */
	IPC_ROLE_PID = 2,  /* either end */
	IPC_ROLE_PID_SRC = 4,
	IPC_ROLE_PID_DST = 8,
	IPC_ROLE_COMM = 16,
	IPC_ROLE_COMM_SRC = 32,
	IPC_ROLE_COMM_DST = 64,
	IPC_ROLE_GONE = 128, /* no role: it ended, and user space may take it out */
	IPC_ROLES_SRC = IPC_ROLE_PID_SRC | IPC_ROLE_COMM_SRC,
	IPC_ROLES_DST = IPC_ROLE_PID_DST | IPC_ROLE_COMM_DST,
};

_Static_assert(sizeof(struct ipc_record) == 16, "record header");
_Static_assert(sizeof(struct ipc_way) == 24, "way has no holes");
_Static_assert(sizeof(struct ipc_event) == 128, "event has no holes");
_Static_assert(sizeof(struct ipc_contents) == 40, "contents have no holes");
_Static_assert(sizeof(struct ipc_object) % 8 == 0, "object is whole words");
_Static_assert(sizeof(struct ipc_process) % 8 == 0, "process is whole words");

/* What a system call does, by its number (the loader fills the table). */
enum ipc_call {
	IPC_CALL_NONE,
	IPC_CALL_READ,
	IPC_CALL_WRITE,
	IPC_CALL_SENDTO,
	IPC_CALL_RECVFROM,
	IPC_CALL_SENDMSG,
	IPC_CALL_RECVMSG,
	IPC_CALL_SENDMMSG,
	IPC_CALL_RECVMMSG,
	IPC_CALL_SENDFILE,
	IPC_CALL_SPLICE,
	IPC_CALL_TEE,
	IPC_CALL_VMSPLICE,
	IPC_CALL_OPEN,
	IPC_CALL_PIPE,
	IPC_CALL_SOCKETPAIR,
	IPC_CALL_CONNECT,
	IPC_CALL_ACCEPT,
	IPC_CALL_LISTEN,
	IPC_CALL_BIND,
	IPC_CALL_IO_URING, /* moves bytes of its own; told apart from the rest */
	IPC_CALL_SOCKETCALL, /* 32-bit: one of the above, its arguments in memory */
	IPC_CALL_SIGQUEUE,   /* sends a siginfo that the program made up */
	IPC_CALL_RECV,	     /* by socketcall: RECVFROM without an address */
	IPC_CALL_URING_REGISTER, /* may send a message to a ring */
};

#define IPC_CALL_TABLE 512

/* What hooks on the kernel's own functions see, so that neither a system call nor a tracepoint counts it. */
enum ipc_seen {
	IPC_SEEN_PIPE_RX = 1 << 0,
	IPC_SEEN_PIPE_TX = 1 << 1,
	IPC_SEEN_PTY_RX = 1 << 2,
	IPC_SEEN_PTY_TX = 1 << 3,
	IPC_SEEN_SPLICE = 1 << 4,
	IPC_SEEN_TEE = 1 << 5,
	IPC_SEEN_VMSPLICE = 1 << 6,
	IPC_SEEN_SENDFILE = 1 << 7,
	IPC_SEEN_LISTEN = 1 << 8,
	IPC_SEEN_OPEN = 1 << 9,
	IPC_SEEN_SOCKET = 1 << 10, /* and up to bit 19 by IPC_SEEN_SOCKET_BIT() */
	IPC_SEEN_MSG_RING = 1 << 20,
	IPC_SEEN_PIPE_ORDER = 1 << 21, /* who read whose bytes of a pipe */
	IPC_SEEN_STREAM_ORDER = 1 << 22, /* ... of a unix stream */
	IPC_SEEN_MESSAGE_ORDER = 1 << 23, /* ... whose unix datagrams, also of seqpacket */
	IPC_SEEN_ORDER = IPC_SEEN_PIPE_ORDER | IPC_SEEN_STREAM_ORDER | IPC_SEEN_MESSAGE_ORDER,
};

/* stream, datagram and seqpacket, TCP and UDP, in the order of enum ipc_mechanism */
#define IPC_SEEN_SOCKET_BIT(mechanism, direction) \
	((__u32)IPC_SEEN_SOCKET << (2 * ((mechanism) - IPC_UNIX_STREAM) + (direction)))

/* Filter limits: how many of each may be given on the command line. */
#define IPC_FILTER_COMMS 8
#define IPC_FILTER_CGROUPS 8

/* Set before the programs are loaded, so that the verifier drops what is off. */
struct ipc_settings {
	__u64 hash_seed;
	__u64 wakeup_bytes; /* unread records at which user space is woken */
	__u64 filter_cgroup[IPC_FILTER_CGROUPS]; /* kernfs ids */
	__u32 mechanism_mask; /* bit 1 << enum ipc_mechanism */
	__u32 filter_comms;   /* how many of filter_comm */
	__u32 filter_cgroups; /* how many of filter_cgroup */
	__u32 seen; /* enum ipc_seen */
	__u8 filter_on;	      /* there is a process filter */
	__u8 filter_pids;     /* ... by pid: map followed */
	/* No sock_send_length here (before 6.3): system calls count for sockets. */
	__u8 sockets_by_syscall;
	/* splice and sendfile into a socket end in sock_sendmsg (6.5+), which is traced. */
	__u8 splice_sends_message;
	__u8 mptcp_splices; /* MPTCP has a splice_read of its own (7.0+), which takes without sock_recvmsg */
	__u8 sendfile_writes; /* into a pipe it ends in pipe_write() (before 5.12) */
	__u8 twice; /* every program is there twice: run.bpf.h */
	/* ipcdump: every event as a record, with its contents. */
	__u8 stream;
	__u8 contents;
	__u8 loopback; /* bits 1 tcp, 2 udp: only between addresses of this host */
	__u8 filter_roles; /* enum ipc_role, all that are asked for */
	__u8 slots; /* flows may have places of their own */
	__u8 uring_cqe; /* io_uring_complete has the completion itself (6.15+), and not its figures */
	__u8 kprobe_misses; /* the kernel tells when it skips the program of a kprobe (6.7+) */
	__u8 pad2[3];
	__u64 contents_max; /* of each event; 0: all */
	__u64 events_wakeup; /* a power of two: user space is woken whenever so much was written */
	__u8 filter_comm_role[IPC_FILTER_COMMS];
	char filter_comm[IPC_FILTER_COMMS][IPC_COMM_LEN];
	/* By system call number, native and 32-bit: enum ipc_call. */
	__u8 calls[IPC_CALL_TABLE];
	__u8 calls_compat[IPC_CALL_TABLE];
	/* Either of the two: the one look-up that other system calls pay for. */
	__u8 calls_any[IPC_CALL_TABLE];
	/* Likewise, those that may send. */
	__u8 calls_sending[IPC_CALL_TABLE];
	/* Its buffer is an array of struct iovec. */
	__u8 calls_vector[IPC_CALL_TABLE];
	__u8 calls_vector_compat[IPC_CALL_TABLE];
};

/* Read by user space while the programs run. */
struct ipc_counters {
	__u64 flows_refused[IPC_MECHANISMS];   /* events lost: the fold map was full */
	__u64 events_missed[IPC_MECHANISMS];   /* seen, and not countable */
	__u64 records_lost[IPC_RECORD_PATH + 1]; /* the ring buffer was full, by type */
	__u64 events_lost[IPC_MECHANISMS]; /* ipcdump: the ring was full */
	__u64 events_lost_all, events_lost_told;
	__u64 contents_lost; /* likewise, of events that were told */
	__u64 calls_unresolved; /* moved bytes; another thread closed the descriptor meanwhile */
	__u64 flow_total;    /* entries made in the fold map */
	__u64 marks_refused; /* the filter's maps were full */
	__u64 taken_refused; /* who took whose bytes: that map was full */
	__u64 calls_caught; /* kprobes: not seen to return, and counted as their system call ended */
	__u64 calls_lost[IPC_FUNCTIONS_ROOM]; /* kprobes: may have been events, and were not seen to return */
	__u64 caught_up[IPC_PROGRAMS]; /* what a program was skipped for, and its second one did */
	/* One moment in both clocks, taken by the inventory. */
	__u64 clock_jiffies;
	__u64 clock_time;
	/* ipcmap's pid namespace, likewise: its address, and how deep it lies. */
	__u64 pidns;
	__u32 pidns_level;
	__u32 own_tgid; /* ipcdump itself: its output is no event; set by user space */
};

#endif
