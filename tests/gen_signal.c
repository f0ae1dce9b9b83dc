// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: signals, by every call that sends them, and those of the kernel. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "gen_pty.h"
#include "ipcgen.h"

#define TIMES 3
#define MEMBERS 3

enum { READY = 0, SENT = 16, TAKEN = 64, OVER = 128 };
enum { TX, RX };

/* How a sender sends; the target is value(0), its second thread value(1). */
struct way {
	int number;
	void (*send)(const struct way *way, unsigned int round);
	unsigned int rounds;
};

static void block(int number)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	check(!pthread_sigmask(SIG_BLOCK, &set, NULL));
}

static void take(int number)
{
	struct timespec limit = { .tv_sec = 30 };
	siginfo_t info;
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, number);
	while (sigtimedwait(&set, &info, &limit) != number)
		check(errno == EINTR);
}

static void send_kill(const struct way *way, unsigned int round)
{
	(void)round;
	check(!kill((pid_t)value(0), 0));
	check(!kill((pid_t)value(0), way->number));
}

static void send_tgkill(const struct way *way, unsigned int round)
{
	(void)round;
	check(!syscall(SYS_tgkill, (pid_t)value(0), (pid_t)value(1), way->number));
}

static void send_queue(const struct way *way, unsigned int round)
{
	check(!sigqueue((pid_t)value(0), way->number, (union sigval){ .sival_int = (int)round }));
}

static void send_pidfd(const struct way *way, unsigned int round)
{
	int fd = (int)syscall(SYS_pidfd_open, (pid_t)value(0), 0);

	(void)round;
	check(fd >= 0);
	check(!syscall(SYS_pidfd_send_signal, fd, way->number, NULL, 0));
	close(fd);
}

static void sender(void *arg)
{
	const struct way *way = arg;

	await(READY);
	for (unsigned int i = 0; i < way->rounds; i++) {
		way->send(way, i);
		mark(SENT + i);
		await(TAKEN + i);
	}
}

static void target(void *arg)
{
	const struct way *way = arg;

	block(way->number);
	set_value(0, getpid());
	mark(READY);
	for (unsigned int i = 0; i < way->rounds; i++) {
		await(SENT + i);
		take(way->number);
		mark(TAKEN + i);
	}
}

static void run_way(struct way *way, actor_fn target_fn, const char *name)
{
	pid_t to = actor("gen-target", target_fn, way);
	pid_t from = actor("gen-sender", sender, way);

	actors_finish();
	declare_signal(from, to, name, way->rounds, way->rounds);
}

static void signal_kill(void)
{
	run_way(&(struct way){ SIGUSR1, send_kill, TIMES }, target, "SIGUSR1");
}

static void signal_sigqueue(void)
{
	run_way(&(struct way){ SIGUSR2, send_queue, TIMES }, target, "SIGUSR2");
}

static void signal_realtime(void)
{
	run_way(&(struct way){ SIGRTMIN + 1, send_queue, TIMES }, target, "SIGRTMIN+1");
}

static void signal_pidfd(void)
{
	run_way(&(struct way){ SIGTERM, send_pidfd, TIMES }, target, "SIGTERM");
}

static void *second_thread(void *arg)
{
	const struct way *way = arg;

	set_value(1, (int64_t)syscall(SYS_gettid));
	mark(READY);
	for (unsigned int i = 0; i < way->rounds; i++) {
		await(SENT + i);
		take(way->number);
		mark(TAKEN + i);
	}
	return NULL;
}

static void threaded_target(void *arg)
{
	const struct way *way = arg;
	pthread_t thread;

	block(way->number);
	set_value(0, getpid());
	check(!pthread_create(&thread, NULL, second_thread, arg));
	check(!pthread_join(thread, NULL));
}

/* A thread's id names no process: the edge ends at the thread's process. */
static void signal_tgkill(void)
{
	run_way(&(struct way){ SIGUSR1, send_tgkill, TIMES }, threaded_target, "SIGUSR1");
}

static void blocked_target(void *arg)
{
	block(SIGUSR1);
	set_value(0, getpid());
	mark(READY);
	await(OVER);
	take(SIGUSR1);
	(void)arg;
}

static void send_five(void *arg)
{
	(void)arg;
	await(READY);
	for (int i = 0; i < 5; i++)
		check(!kill((pid_t)value(0), SIGUSR1));
	mark(OVER);
}

/* While one is pending, four more are sent and dropped. */
static void signal_coalesced(void)
{
	pid_t to = actor("gen-target", blocked_target, NULL);
	pid_t from = actor("gen-sender", send_five, NULL);

	actors_finish();
	declare_signal(from, to, "SIGUSR1", 5, 1);
}

static void ignoring_target(void *arg)
{
	(void)arg;
	signal(SIGUSR1, SIG_IGN);
	set_value(0, getpid());
	mark(READY);
	await(OVER);
}

static void signal_ignored(void)
{
	pid_t to = actor("gen-target", ignoring_target, NULL);
	pid_t from = actor("gen-sender", send_five, NULL);

	actors_finish();
	declare_signal(from, to, "SIGUSR1", 5, 0);
}

static void member_of_group(void *arg)
{
	unsigned int i = *(unsigned int *)arg;

	block(SIGUSR2);
	/* The first one founds the group. */
	if (i)
		await(READY);
	check(!setpgid(0, i ? (pid_t)value(0) : 0));
	if (!i)
		set_value(0, getpid());
	mark(READY + i);
	take(SIGUSR2);
}

static void kill_group(void *arg)
{
	(void)arg;
	for (unsigned int i = 0; i < MEMBERS; i++)
		await(READY + i);
	check(!kill(-(pid_t)value(0), SIGUSR2));
}

static void signal_group(void)
{
	pid_t members[MEMBERS], from;

	for (unsigned int i = 0; i < MEMBERS; i++)
		members[i] = actor("gen-member", member_of_group, &i);
	from = actor("gen-sender", kill_group, NULL);
	actors_finish();
	for (unsigned int i = 0; i < MEMBERS; i++)
		declare_signal(from, members[i], "SIGUSR2", 1, 1);
}

static void wait_forever(void *arg)
{
	(void)arg;
	set_value(0, getpid());
	mark(READY);
	for (;;)
		pause();
}

static void kill_it(void *arg)
{
	(void)arg;
	await(READY);
	check(!kill((pid_t)value(0), SIGKILL));
}

static void signal_killed(void)
{
	pid_t to = actor("gen-victim", wait_forever, NULL);
	pid_t from = actor("gen-killer", kill_it, NULL);

	actor_reap(to, SIGKILL);
	actors_finish();
	declare_signal(from, to, "SIGKILL", 1, 1);
}

static void stop_and_continue(void *arg)
{
	(void)arg;
	await(READY);
	check(!kill((pid_t)value(0), SIGSTOP));
	await(TAKEN);
	check(!kill((pid_t)value(0), SIGCONT));
}

static void wait_for_over(void *arg)
{
	(void)arg;
	set_value(0, getpid());
	mark(READY);
	await(OVER);
}

/* SIGCONT wakes even though, with no handler for it, it is ignored. */
static void signal_stop(void)
{
	pid_t to = actor("gen-stopped", wait_for_over, NULL);
	pid_t from = actor("gen-sender", stop_and_continue, NULL);

	take_sigchld();
	mark(TAKEN);
	take_sigchld();
	mark(OVER);
	actor_sigchlds(to, 2);
	actors_finish();
	declare_signal(from, to, "SIGSTOP", 1, 1);
	declare_signal(from, to, "SIGCONT", 1, 0);
}

static void set_alarms(void *arg)
{
	struct itimerspec soon = { .it_value.tv_nsec = 10000000 };
	struct sigevent event = { .sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2 };
	struct itimerval later = { .it_value.tv_usec = 10000 };
	timer_t timer;

	(void)arg;
	block(SIGALRM);
	block(SIGUSR2);
	check(!setitimer(ITIMER_REAL, &later, NULL));
	take(SIGALRM);
	check(!timer_create(CLOCK_MONOTONIC, &event, &timer));
	check(!timer_settime(timer, 0, &soon, NULL));
	take(SIGUSR2);
	check(!timer_delete(timer));
}

static void signal_timer(void)
{
	pid_t to = actor("gen-sleeper", set_alarms, NULL);

	actors_finish();
	declare_signal(NODE_KERNEL, to, "SIGALRM", 1, 1);
	declare_signal(NODE_KERNEL, to, "SIGUSR2", 1, 1);
}

static int broken[2];

static void die_of_sigpipe(void *arg)
{
	(void)arg;
	signal(SIGPIPE, SIG_DFL);
	close(broken[0]);
	await(READY);
	check(write(broken[1], "x", 1) == 1);
}

static void signal_sigpipe(void)
{
	pid_t to;

	check(!pipe(broken));
	to = actor("gen-writer", die_of_sigpipe, NULL);
	close(broken[0]);
	mark(READY);
	actor_reap(to, SIGPIPE);
	declare_signal(NODE_KERNEL, to, "SIGPIPE", 1, 1);
}

static void type_ctrl_c(void *arg)
{
	(void)arg;
	await(READY);
	write_all(pty_master, "\003ok\n", 4, TX);
}

static void foreground(void *arg)
{
	(void)arg;
	block(SIGINT);
	pty_lead();
	mark(READY);
	take(SIGINT);
	read_all(pty_slave, 3, RX);
	pty_leave();
}

/* The key is the terminal driver's: it becomes a signal of the kernel, and no byte. */
static void signal_ctrl_c(void)
{
	pid_t program, terminal;

	pty_open(PTY_QUIET);
	program = actor("gen-program", foreground, NULL);
	terminal = actor("gen-terminal", type_ctrl_c, NULL);
	actors_finish();
	declare_signal(NODE_KERNEL, program, "SIGINT", 1, 1);
	declare_exact(terminal, program, "pty", tally(TX), tally(RX));
	pty_declare_leave(program);
}

static void end_at_once(void *arg)
{
	(void)arg;
}

static void signal_sigchld(void)
{
	for (int i = 0; i < 5; i++)
		actor("gen-child", end_at_once, NULL);
	actors_finish();
}

/* si_code values that the kernel uses for what no process sent, but that it lets a process set. */
static const int forged_codes[] = { SI_QUEUE, SI_ASYNCIO, SI_TIMER, SI_SIGIO, SI_MESGQ, -60, -100 };

#define FORGED (sizeof(forged_codes) / sizeof(forged_codes[0]))

static void send_forged(const struct way *way, unsigned int round)
{
	siginfo_t info = { .si_code = forged_codes[round / 2] };

	info.si_pid = getpid();
	if (round % 2)
		check(!syscall(SYS_rt_tgsigqueueinfo, (pid_t)value(0), (pid_t)value(0), way->number,
			       &info));
	else
		check(!syscall(SYS_rt_sigqueueinfo, (pid_t)value(0), way->number, &info));
}

/* As glibc's aio, timer threads and message queues do: the process is the sender. */
static void signal_forged(void)
{
	need_direct_loads();
	run_way(&(struct way){ SIGRTMIN + 2, send_forged, 2 * FORGED }, target, "SIGRTMIN+2");
}

static void *traced_thread(void *arg)
{
	(void)arg;
	set_value(1, (int64_t)syscall(SYS_gettid));
	mark(READY);
	await(OVER);
	return NULL;
}

static void traced(void *arg)
{
	pthread_t thread;

	(void)arg;
	check(!pthread_create(&thread, NULL, traced_thread, NULL));
	check(!pthread_join(thread, NULL));
}

static void tracer(void *arg)
{
	pid_t thread;

	(void)arg;
	block(SIGCHLD);
	await(READY);
	thread = (pid_t)value(1);
	if (ptrace(PTRACE_SEIZE, thread, NULL, NULL)) {
		mark(OVER);
		skip("no ptrace: %m");
	}
	for (unsigned int i = 0; i < TIMES; i++) {
		check(!ptrace(PTRACE_INTERRUPT, thread, NULL, NULL));
		check(waitpid(thread, NULL, __WALL) == thread);
		take(SIGCHLD);
		check(!ptrace(PTRACE_CONT, thread, NULL, NULL));
	}
	check(!ptrace(PTRACE_INTERRUPT, thread, NULL, NULL));
	check(waitpid(thread, NULL, __WALL) == thread);
	take(SIGCHLD);
	check(!ptrace(PTRACE_DETACH, thread, NULL, NULL));
	mark(OVER);
}

/* What a tracer is told names the thread, and comes from its process. */
static void signal_traced_thread(void)
{
	pid_t from = actor("gen-traced", traced, NULL), to = actor("gen-tracer", tracer, NULL);

	actors_finish();
	declare_signal(from, to, "SIGCHLD", TIMES + 1, TIMES + 1);
}

const struct factory signal_factories[] = {
	{ "signal-kill", signal_kill },
	{ "signal-tgkill", signal_tgkill },
	{ "signal-sigqueue", signal_sigqueue },
	{ "signal-realtime", signal_realtime },
	{ "signal-forged", signal_forged },
	{ "signal-pidfd", signal_pidfd },
	{ "signal-coalesced", signal_coalesced },
	{ "signal-ignored", signal_ignored },
	{ "signal-group", signal_group },
	{ "signal-killed", signal_killed },
	{ "signal-stop-continue", signal_stop },
	{ "signal-timer", signal_timer },
	{ "signal-sigpipe", signal_sigpipe },
	{ "signal-ctrl-c", signal_ctrl_c },
	{ "signal-sigchld", signal_sigchld },
	{ "signal-traced-thread", signal_traced_thread },
	{ 0 },
};
