/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * What the factories of ipcgen share. A factory forks actors, makes them do
 * known IPC, and declares the edges that a map of it must have.
 *
 * Actors wait for each other on futexes in one shared page only: whatever else
 * they did would be IPC of its own and show on the map.
 */
#ifndef IPCGEN_H
#define IPCGEN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* In edges: ends that are no process, and numbers that are not asserted. */
#define NODE_KERNEL (-1)
#define NODE_HUB (-2)
#define ANY (-1)

#define GEN_STEPS 256
#define GEN_VALUES 64
#define GEN_TALLIES 64
#define GEN_EXIT_SKIP 77
#define GEN_COMM_LEN 16
#define GEN_NAME_LEN 128

/* What a series of calls moved, counted from what each call returned. */
struct tally {
	int64_t ops, bytes;
};

struct truth_edge {
	int64_t src, dst; /* pid, NODE_KERNEL, NODE_HUB */
	const char *src_comm, *dst_comm; /* set where a pid stands for two processes */
	const char *mechanism, *signal, *attribution;
	bool name_given; /* an empty name then stands for null */
	bool either_way; /* src and dst may stand the other way round */
	enum { EITHER, ORDERED, UNORDERED } when; /* the map tells who read whose bytes, or does not */
	bool maybe;	 /* it need not be there */
	bool uncounted;	 /* what was received was sent by calls that had not returned, or by nobody */
	char name[GEN_NAME_LEN];
	int64_t ops, bytes, received_ops, received_bytes;
};

struct truth_sum {
	int64_t src, dst; /* ANY: whoever */
	const char *mechanism;
	int64_t ops, bytes, received_ops, received_bytes;
};

struct factory {
	const char *name;
	void (*run)(void);
};

/* One table per file, ended by an empty row. */
extern const struct factory pipe_factories[], splice_factories[], fifo_factories[],
	unix_factories[], dgram_factories[], odd_factories[], tcp_factories[], udp_factories[], pty_factories[],
	signal_factories[], process_factories[], uring_factories[], netns_factories[],
	multi_factories[], unread_factories[], shared_factories[], passing_factories[], msgring_factories[], uring_splice_factories[],
	urgent_factories[], sockmap_factories[], closed_factories[];
/* Those that hold: traced in their second phase only. */
extern const struct factory hold_factories[], queue_factories[], blocked_factories[], hold_closed_factories[];

/*
 * Forks an actor called `comm` and returns its pid, as the initial pid namespace
 * sees it, once it is about to run fn(arg). It exits when fn is done and its
 * parent calls actors_finish(), so that no two SIGCHLD are ever pending at once.
 */
typedef void (*actor_fn)(void *arg);
pid_t actor(const char *comm, actor_fn fn, void *arg);

/* Lets this process's actors exit one by one, reaps them and declares the SIGCHLD edges. */
void actors_finish(void);

/* Reaps one actor that ends by itself, with this wait status, and declares its SIGCHLD. */
void actor_reap(pid_t pid, int status);

/* It also sends this many SIGCHLD before it ends (stopped, continued). */
void actor_sigchlds(pid_t pid, unsigned int more);

/* Another actor has or had the same pid: tell them apart by name. */
void actor_shares_pid(pid_t pid);

/* Signals other than SIGCHLD that end up pending are the factory's; this eats one SIGCHLD. */
void take_sigchld(void);

/* The pid in the initial pid namespace. */
pid_t self_pid(void);

/* One-way events between actors: mark(n) once, any number await(n). */
void mark(unsigned int step);
void await(unsigned int step);
bool marked(unsigned int step);

/* Figures that one actor tells the others. */
int64_t value(unsigned int index);
void set_value(unsigned int index, int64_t figure);

/* Counts a call's result into tally n, atomically, and returns the result. */
ssize_t count(unsigned int index, ssize_t result);
struct tally tally(unsigned int index);

/* Edges of the truth. declare() fills in "exact" and leaves all figures ANY. */
struct truth_edge *declare(int64_t src, int64_t dst, const char *mechanism);
void edge_name(struct truth_edge *edge, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
/* The whole of what src sent and dst took. */
struct truth_edge *declare_exact(int64_t src, int64_t dst, const char *mechanism,
				 struct tally sent, struct tally received);
struct truth_edge *declare_signal(int64_t src, int64_t dst, const char *signal, int64_t times,
				  int64_t queued);
void declare_sum(int64_t src, int64_t dst, const char *mechanism, struct tally sent,
		 struct tally received);
void declare_process(pid_t pid, const char *comm, pid_t parent);
/* What a process declared before became by exec. */
void redeclare_process(pid_t pid, const char *comm, const char *exe);

/* Ends the whole run: failure, or "this machine cannot" (exit status 77). */
void fail(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
void skip(const char *format, ...) __attribute__((format(printf, 1, 2), noreturn));
#define check(condition) \
	((condition) ? (void)0 : fail("%s:%d: %s: %m", __FILE__, __LINE__, #condition))

/* Of this version, or a later one. */
bool linux_is(unsigned int major, unsigned int minor);
/* Skips the factory on kernels before this. */
void need_linux(unsigned int major, unsigned int minor);
/* Skips where ipcmap reads kernel memory by probe reads: Linux before 6.2, or by IPCMAP_TEST_PROBE_LOADS. */
void need_direct_loads(void);

/* Closes all descriptors but the standard ones and this. */
void keep_only(int fd);

/* The temporary folder of this run, removed at its end with what lies in it. */
const char *scratch(void);
void scratch_path(char *path, size_t size, const char *name);

void *filled(size_t size); /* a buffer of that size with a pattern in it */
void write_all(int fd, const void *data, size_t size, unsigned int index);
void read_all(int fd, size_t size, unsigned int index);
/* Reads until end of file; returns how much came. */
int64_t drain(int fd, size_t chunk, unsigned int index);

/*
 * --hold FILE: hold_ready() writes the pids of this process and its actors to FILE
 * and waits for FILE.go; hold_done() writes the truth and FILE.done, and waits for
 * FILE.end. Without --hold both do nothing.
 */
void hold_ready(void);
void hold_done(void);

#endif
