/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * The few kernel structures that the programs read, each with just the members
 * they read: CO-RE finds the real offsets on the running kernel. Written by
 * hand so that a reader sees all that ipcmap depends on.
 */
#ifndef KERNEL_BPF_H
#define KERNEL_BPF_H

#define __VMLINUX_H__ /* bpf_tracing.h: struct pt_regs has the kernel's names for registers */

typedef unsigned char __u8;
typedef unsigned short __u16;
typedef unsigned int __u32;
typedef unsigned long long __u64;
typedef signed char __s8;
typedef short __s16;
typedef int __s32;
typedef long long __s64;
typedef __u16 __be16;
typedef __u32 __be32;
typedef __u32 __wsum;
typedef __u16 __sum16;
typedef __u8 u8;
typedef __u16 u16;
typedef __u32 u32;
typedef __u64 u64;
typedef __s32 s32;
typedef _Bool bool;
#define true 1
#define false 0
#define NULL ((void *)0)

/* uapi values that the helpers' header wants */
enum bpf_map_type {
	BPF_MAP_TYPE_HASH = 1,
	BPF_MAP_TYPE_ARRAY = 2,
	BPF_MAP_TYPE_PERCPU_ARRAY = 6,
	BPF_MAP_TYPE_CGROUP_ARRAY = 8,
	BPF_MAP_TYPE_LRU_HASH = 9,
	BPF_MAP_TYPE_RINGBUF = 27,
};
/* Asked for by name, so its number here is of no account. */
enum bpf_func_id {
	BPF_FUNC_task_pt_regs = 1,
};
enum {
	BPF_ANY = 0,
	BPF_NOEXIST = 1,
	BPF_F_NO_PREALLOC = 1,
	BPF_F_MMAPABLE = 1024,
	BPF_RB_NO_WAKEUP = 1,
	BPF_RB_FORCE_WAKEUP = 2,
	BPF_RB_AVAIL_DATA = 0,
	BPF_RB_PROD_POS = 3,
};

#define EFAULT 14
#define ENOSYS 38

#define AF_UNIX 1
#define AF_INET 2
#define AF_INET6 10
#define SOCK_STREAM 1
#define SOCK_DGRAM 2
#define SOCK_SEQPACKET 5
#define IPPROTO_TCP 6
#define IPPROTO_UDP 17
#define IPPROTO_UDPLITE 136
#define IPPROTO_MPTCP 262
#define TCP_ESTABLISHED 1
#define TCP_SYN_SENT 2
#define TCP_FIN_WAIT1 4
#define TCP_FIN_WAIT2 5
#define TCP_CLOSE 7
#define TCP_CLOSE_WAIT 8
#define TCP_LISTEN 10

#define S_IFMT 0170000
#define S_IFSOCK 0140000
#define S_IFCHR 0020000
#define S_IFIFO 0010000
#define PIPEFS_MAGIC 0x50495045
#define BTRFS_SUPER_MAGIC 0x9123683E
#define FMODE_READ 1
#define FMODE_WRITE 2

#define RCV_SHUTDOWN 1

/* enum io_uring_op; uapi, and so the same everywhere */
#define IORING_OP_READV 1
#define IORING_OP_WRITEV 2
#define IORING_OP_READ_FIXED 4
#define IORING_OP_WRITE_FIXED 5
#define IORING_OP_SENDMSG 9
#define IORING_OP_RECVMSG 10
#define IORING_OP_ACCEPT 13
#define IORING_OP_CONNECT 16
#define IORING_OP_OPENAT 18
#define IORING_OP_READ 22
#define IORING_OP_WRITE 23
#define IORING_OP_SEND 26
#define IORING_OP_RECV 27
#define IORING_RECV_MULTISHOT 2
#define IORING_OP_OPENAT2 28
#define IORING_OP_SPLICE 30
#define IORING_OP_TEE 33
#define IORING_OP_MSG_RING 40
#define IORING_OP_SEND_ZC 47
#define IORING_OP_SENDMSG_ZC 48
#define IORING_OP_READ_MULTISHOT 49
#define IORING_OP_LISTEN 57
#define IORING_OP_READV_FIXED 60
#define IORING_OP_WRITEV_FIXED 61
#define IORING_MSG_DATA 0
#define IORING_MSG_SEND_FD 1
#define IORING_CQE_F_BUFFER 1
#define IORING_REGISTER_SEND_MSG_RING 31
#define SPLICE_F_FD_IN_FIXED (1U << 31)
/* io_kiocb.flags: the bits of sqe->flags, IOSQE_*_BIT */
#define REQ_F_FIXED_FILE 1
#define REQ_F_CQE_SKIP 64

#define MSG_PEEK 2
#define MSG_ERRQUEUE 0x2000

#define SIGPIPE 13
#define SIGCHLD 17
#define SI_USER 0
#define SI_KERNEL 0x80
#define SI_QUEUE -1
#define SI_TKILL -6
#define SI_MESGQ -3
#define CLD_EXITED 1
#define CLD_CONTINUED 6

#define PF_KTHREAD 0x00200000

/* linux/major.h. By major, since tty_driver.type went from short to an enum. */
#define UNIX98_PTY_MASTER_MAJOR 128
#define UNIX98_PTY_SLAVE_MAJOR 136
#define UNIX98_PTY_MAJOR_COUNT 8

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)

typedef struct {
	int counter;
} atomic_t;
typedef struct refcount_struct {
	atomic_t refs;
} refcount_t;

struct super_block {
	__u32 s_dev;
	unsigned long s_magic;
};
struct pipe_buffer {
	unsigned int offset, len;
};
typedef struct {
	__s64 counter;
} atomic64_t;
struct mutex {
	atomic64_t owner; /* 0: nobody */
};
struct pipe_inode_info {
	struct mutex mutex;
	unsigned int head, tail, ring_size;
	struct pipe_buffer *bufs;
};
/* head and tail are 32 bits wide up to 6.14, then 16: libbpf fits the load to it. */
struct inode {
	__u16 i_mode;
	unsigned long i_ino;
	struct super_block *i_sb;
	__u32 i_rdev;
	__u32 i_generation;
	struct pipe_inode_info *i_pipe;
};
struct qstr {
	const unsigned char *name;
};
struct dentry {
	struct qstr d_name;
	struct dentry *d_parent;
	struct inode *d_inode;
};
struct vfsmount {
	struct dentry *mnt_root;
};
struct mount {
	struct mount *mnt_parent;
	struct dentry *mnt_mountpoint;
	struct vfsmount mnt;
};
struct path {
	struct vfsmount *mnt;
	struct dentry *dentry;
};
struct file {
	struct inode *f_inode;
	struct path f_path;
	void *private_data;
	unsigned int f_mode;
};
struct fdtable {
	unsigned int max_fds;
	struct file **fd;
};
struct files_struct {
	struct fdtable *fdt;
};
/* Only for its first member: a way to load a struct file * from a slot (resolve.bpf.h). */
struct kiocb {
	struct file *ki_filp;
};
struct iov_iter;
struct msghdr {
	void *msg_name;
	int msg_namelen;
};
/* Two words: a way to load a name (stream.bpf.h). */
struct list_head {
	struct list_head *next, *prev;
};

struct ns_common {
	unsigned int inum;
};
struct net {
	struct ns_common ns;
};
typedef struct {
	struct net *net;
} possible_net_t;
struct in6_addr {
	union {
		__u8 u6_addr8[16];
	} in6_u;
};
struct sock_common {
	__be32 skc_daddr;
	__be32 skc_rcv_saddr;
	__be16 skc_dport;
	__u16 skc_num;
	unsigned short skc_family;
	volatile unsigned char skc_state;
	possible_net_t skc_net;
	struct in6_addr skc_v6_daddr;
	struct in6_addr skc_v6_rcv_saddr;
};
struct socket;
struct sk_buff {
	struct sk_buff *next;
	struct sock *sk;
	unsigned int len, truesize;
	__u16 network_header;
	unsigned char *head;
	char cb[48];
};
struct sk_buff_head {
	struct sk_buff *next; /* the head itself at the end */
	__u32 qlen;
};
struct unix_skb_parms {
	__u32 consumed;
};
struct unix_stream_read_state {
	struct socket *socket;
	int flags;
};
struct sock {
	struct sock_common __sk_common;
	struct sk_buff_head sk_receive_queue;
	refcount_t sk_wmem_alloc;
	__u8 sk_shutdown;
	__u16 sk_type;
	__u16 sk_protocol;
	struct socket *sk_socket;
};
struct socket {
	struct file *file;
	struct sock *sk;
};
struct socket_alloc {
	struct socket socket;
	struct inode vfs_inode;
};
struct sockaddr_un {
	unsigned short sun_family;
	char sun_path[108];
};
struct unix_address {
	int len;
	struct sockaddr_un name[0];
};
struct unix_sock {
	struct sock sk;
	struct unix_address *addr;
	struct path path;
	struct sock *peer;
	int inq_len; /* 6.18 */
};
struct inet_sock {
	__be16 inet_sport;
};
struct udp_sock {
	struct sk_buff_head reader_queue; /* what a reader took off sk_receive_queue at once */
};
struct tcp_sock {
	__u64 bytes_received, bytes_acked;
	__u32 rcv_nxt, snd_una, copied_seq, write_seq;
};

struct tty_driver {
	int major;
};
struct ktermios {
	unsigned int c_lflag;
	unsigned char c_line;
};
struct tty_buffer {
	int used, read;
};
struct tty_bufhead {
	struct tty_buffer *head, *tail;
};
struct tty_port {
	struct tty_bufhead buf;
};
struct n_tty_data {
	unsigned long read_head, read_tail;
};
struct tty_struct {
	struct tty_driver *driver;
	struct ktermios termios;
	int index;
	struct tty_struct *link;
	struct tty_port *port;
	void *disc_data;
};
struct tty_file_private {
	struct tty_struct *tty;
};

struct kernfs_node {
	__u64 id;
};
struct cgroup_subsys_state {
	struct cgroup_subsys_state *parent;
};
struct cgroup {
	struct cgroup_subsys_state self;
	struct kernfs_node *kn;
};
struct css_set {
	struct cgroup *dfl_cgrp;
};
typedef struct {
	unsigned int val;
} kuid_t;
struct cred {
	kuid_t uid;
};
struct mm_struct {
	struct file *exe_file;
};
struct pid_namespace {
	unsigned int level;
};
struct upid {
	int nr;
	struct pid_namespace *ns;
};
struct pid {
	unsigned int level;
	struct upid numbers[1];
};
struct thread_info {
	unsigned long flags;
	__u32 status; /* x86 */
};
struct signal_struct {
	atomic_t live;
};
struct io_uring_task;
struct task_struct {
	struct thread_info thread_info;
	unsigned int __state;
	void *stack;
	unsigned int flags;
	int pid, tgid;
	__u64 start_boottime;
	struct task_struct *group_leader;
	struct task_struct *real_parent;
	struct mm_struct *mm;
	const struct cred *cred;
	struct files_struct *files;
	struct css_set *cgroups;
	struct signal_struct *signal;
	struct pid *thread_pid;
	struct io_uring_task *io_uring;
	int exit_code;
	char comm[16];
};
struct task_struct___before_5_14 {
	volatile long state;
};
/* io_uring */
struct io_uring_sqe;
struct io_cqe {
	__u64 user_data;
	__s32 res;
	int fd; /* a request's, until it is issued; then flags are in its place */
};
struct io_uring_cqe {
	__u64 user_data;
	__s32 res;
	__u32 flags;
};
struct io_uring_task {
	struct task_struct *task;
};
struct io_rsrc_node {
	unsigned long file_ptr;
};
struct io_rsrc_data {
	unsigned int nr;
	struct io_rsrc_node **nodes;
};
struct io_file_table {
	struct io_rsrc_data data;
};
struct io_file_table___before_6_13 {
	void *files;
};
struct io_ring_ctx {
	struct io_file_table file_table;
	struct list_head tctx_list;
};
struct io_ring_ctx___before_6_13 {
	struct io_file_table___before_6_13 file_table;
	unsigned int nr_user_files;
};
struct io_tctx_node {
	struct list_head ctx_node;
	struct task_struct *task;
};
struct io_kiocb {
	struct file *file;
	__u8 opcode;
	__u32 flags; /* 64 bits wide from 6.10 on: the lower ones */
	struct io_cqe cqe;
	struct io_ring_ctx *ctx;
	struct io_uring_task *tctx;
};
/* commit f03baece0898 */
struct io_kiocb___before_6_13 {
	struct task_struct *task;
};
/* What a request's operation keeps at its beginning, by its opcode. */
struct io_splice {
	int splice_fd_in;
	unsigned int flags;
};
struct io_sr_msg {
	void *umsg;
	unsigned int msg_flags;
	__u16 flags;
};
struct io_open {
	__u32 file_slot;
};
struct io_accept {
	__u32 file_slot;
};
struct io_msg {
	__u32 cmd;
};
struct linux_binprm {
	struct file *file;
};
struct kernel_siginfo {
	int si_signo;
	int si_errno;
	int si_code;
	union {
		struct {
			int _pid;
		} _kill;
	} _sifields;
};

#if defined(__TARGET_ARCH_x86)
struct pt_regs {
	unsigned long bx, bp, r10, r9, r8, ax, cx, dx, si, di, orig_ax;
};
#elif defined(__TARGET_ARCH_arm64)
struct user_pt_regs {
	__u64 regs[31];
};
struct pt_regs {
	__u64 regs[31];
	__u64 orig_x0;
	__s32 syscallno;
};
#else
#error "unknown architecture: add its struct pt_regs and syscall_argument()"
#endif

struct seq_file;
struct bpf_iter_meta {
	struct seq_file *seq;
};
struct bpf_iter__task {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
};
struct bpf_iter__task_file {
	struct bpf_iter_meta *meta;
	struct task_struct *task;
	__u32 fd;
	struct file *file;
};

#pragma clang attribute pop

#endif
