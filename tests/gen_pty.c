// SPDX-License-Identifier: GPL-2.0-only
/* ipcgen: pseudo-terminals, from both sides. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "gen_pty.h"
#include "ipcgen.h"

enum { MASTER_TX, SLAVE_RX, SLAVE_TX, MASTER_RX, OTHER_TX };
enum { TYPED, PRINTED, PRINTED_TOO };

int pty_master, pty_slave;
char pty_name[64];

void pty_open(enum pty_mode mode)
{
	struct termios settings;

	pty_master = posix_openpt(O_RDWR | O_NOCTTY);
	check(pty_master >= 0 && !grantpt(pty_master) && !unlockpt(pty_master));
	check(!ptsname_r(pty_master, pty_name, sizeof(pty_name)));
	pty_slave = open(pty_name, O_RDWR | O_NOCTTY);
	check(pty_slave >= 0);
	check(!tcgetattr(pty_slave, &settings));
	if (mode == PTY_RAW)
		cfmakeraw(&settings);
	if (mode == PTY_QUIET)
		settings.c_lflag &= ~(tcflag_t)ECHO;
	settings.c_lflag |= NOFLSH;
	check(!tcsetattr(pty_slave, TCSANOW, &settings));
}

/* A session of its own with the pty as its terminal, and this process in front. */
void pty_lead(void)
{
	check(setsid() > 0);
	check(!ioctl(pty_slave, TIOCSCTTY, 0));
}

/*
 * Gives the terminal up again. The kernel tells those in front, SIGHUP and SIGCONT,
 * which the caller declares; both are blocked here, so that they are queued.
 */
void pty_leave(void)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGCONT);
	check(!sigprocmask(SIG_BLOCK, &set, NULL));
	check(!ioctl(pty_slave, TIOCNOTTY));
	signal(SIGHUP, SIG_IGN);
}

void pty_declare_leave(pid_t leader)
{
	declare_signal(NODE_KERNEL, leader, "SIGHUP", 1, 1);
	declare_signal(NODE_KERNEL, leader, "SIGCONT", 1, 1);
}

static void declare_pty(pid_t src, pid_t dst, unsigned int sent, unsigned int received)
{
	edge_name(declare_exact(src, dst, "pty", tally(sent), tally(received)), "%s", pty_name);
}

static void terminal_raw(void *arg)
{
	char *data = filled(100);

	(void)arg;
	for (int i = 0; i < 10; i++)
		write_all(pty_master, data, 100, MASTER_TX);
	read_all(pty_master, 5 * 70, MASTER_RX);
}

static void program_raw(void *arg)
{
	char *data = filled(70);

	(void)arg;
	read_all(pty_slave, 10 * 100, SLAVE_RX);
	for (int i = 0; i < 5; i++)
		write_all(pty_slave, data, 70, SLAVE_TX);
}

static void pty_raw(void)
{
	pid_t terminal, program;

	pty_open(PTY_RAW);
	terminal = actor("gen-terminal", terminal_raw, NULL);
	program = actor("gen-program", program_raw, NULL);
	actors_finish();
	declare_pty(terminal, program, MASTER_TX, SLAVE_RX);
	declare_pty(program, terminal, SLAVE_TX, MASTER_RX);
}

/* "hello\n" comes back as "hello\r\n", "out\n" comes as "out\r\n": 12 bytes of 4 written. */
static void terminal_cooked(void *arg)
{
	(void)arg;
	write_all(pty_master, "hello\n", 6, MASTER_TX);
	await(PRINTED);
	read_all(pty_master, 12, MASTER_RX);
}

static void program_cooked(void *arg)
{
	(void)arg;
	read_all(pty_slave, 6, SLAVE_RX);
	write_all(pty_slave, "out\n", 4, SLAVE_TX);
	mark(PRINTED);
}

static void pty_cooked(void)
{
	pid_t terminal, program;

	pty_open(PTY_COOKED);
	terminal = actor("gen-terminal", terminal_cooked, NULL);
	program = actor("gen-program", program_cooked, NULL);
	actors_finish();
	declare_pty(terminal, program, MASTER_TX, SLAVE_RX);
	declare_pty(program, terminal, SLAVE_TX, MASTER_RX);
}

static void job(void *arg)
{
	(void)arg;
	check(!setpgid(0, 0));
	mark(TYPED);
	await(PRINTED);
	check(tcgetpgrp(pty_slave) == getpgrp());
	for (int i = 0; i < 3; i++)
		write_all(pty_slave, "line\n", 5, SLAVE_TX);
	mark(PRINTED_TOO);
}

/* A shell in little: it leads the session, its job has the terminal. */
static void shell(void *arg)
{
	sigset_t set;
	pid_t pid;

	(void)arg;
	pty_lead();
	sigemptyset(&set);
	sigaddset(&set, SIGTTOU);
	check(!sigprocmask(SIG_BLOCK, &set, NULL));
	pid = actor("gen-job", job, NULL);
	set_value(0, pid);
	await(TYPED);
	check(!tcsetpgrp(pty_slave, getpgid(pid)));
	mark(PRINTED);
	actors_finish();
	check(!tcsetpgrp(pty_slave, getpgrp()));
	pty_leave();
}

static void terminal_of_job(void *arg)
{
	(void)arg;
	await(PRINTED_TOO);
	read_all(pty_master, 3 * 6, MASTER_RX);
}

static void pty_foreground_job(void)
{
	pid_t terminal, leader;

	pty_open(PTY_COOKED);
	terminal = actor("gen-terminal", terminal_of_job, NULL);
	leader = actor("gen-shell", shell, NULL);
	actors_finish();
	declare_pty((pid_t)value(0), terminal, SLAVE_TX, MASTER_RX);
	pty_declare_leave(leader);
}

static void print_first(void *arg)
{
	(void)arg;
	write_all(pty_slave, filled(100), 100, SLAVE_TX);
	mark(PRINTED);
}

static void print_second(void *arg)
{
	(void)arg;
	await(PRINTED);
	write_all(pty_slave, filled(200), 200, OTHER_TX);
	mark(PRINTED_TOO);
}

static void terminal_of_two(void *arg)
{
	(void)arg;
	await(PRINTED_TOO);
	read_all(pty_master, 300, MASTER_RX);
}

static void pty_two_programs(void)
{
	const struct tally unknown = { ANY, ANY };
	pid_t terminal, first, second;

	pty_open(PTY_RAW);
	terminal = actor("gen-terminal", terminal_of_two, NULL);
	first = actor("gen-first", print_first, NULL);
	second = actor("gen-second", print_second, NULL);
	actors_finish();
	declare_exact(first, terminal, "pty", tally(SLAVE_TX), unknown);
	declare_exact(second, terminal, "pty", tally(OTHER_TX), unknown);
	declare_sum(ANY, terminal, "pty", unknown, (struct tally){ ANY, 300 });
}

static void terminal_echo(void *arg)
{
	(void)arg;
	write_all(pty_master, "hello\n", 6, MASTER_TX);
	read_all(pty_master, 7, MASTER_RX);
}

static void program_listens(void *arg)
{
	(void)arg;
	read_all(pty_slave, 6, SLAVE_RX);
}

/* What comes back was written by no process, but by the line discipline. */
static void pty_echo_only(void)
{
	struct tally echo;
	pid_t terminal, program;

	pty_open(PTY_COOKED);
	terminal = actor("gen-terminal", terminal_echo, NULL);
	program = actor("gen-program", program_listens, NULL);
	actors_finish();
	echo = tally(MASTER_RX);
	declare_pty(terminal, program, MASTER_TX, SLAVE_RX);
	declare_exact(NODE_KERNEL, terminal, "pty", (struct tally){ 0, 0 }, echo);
}

/* /dev/tty is whatever terminal the session has. */
static void program_dev_tty(void *arg)
{
	int fd;

	(void)arg;
	pty_lead();
	fd = open("/dev/tty", O_RDWR);
	check(fd >= 0);
	write_all(fd, filled(100), 100, SLAVE_TX);
	read_all(fd, 50, SLAVE_RX);
	close(fd);
	pty_leave();
}

static void terminal_dev_tty(void *arg)
{
	(void)arg;
	read_all(pty_master, 100, MASTER_RX);
	write_all(pty_master, filled(50), 50, MASTER_TX);
}

static void pty_dev_tty(void)
{
	pid_t terminal, program;

	pty_open(PTY_RAW);
	program = actor("gen-program", program_dev_tty, NULL);
	terminal = actor("gen-terminal", terminal_dev_tty, NULL);
	actors_finish();
	declare_pty(program, terminal, SLAVE_TX, MASTER_RX);
	declare_pty(terminal, program, MASTER_TX, SLAVE_RX);
	pty_declare_leave(program);
}

const struct factory pty_factories[] = {
	{ "pty-raw", pty_raw },
	{ "pty-cooked-echo", pty_cooked },
	{ "pty-echo-only", pty_echo_only },
	{ "pty-dev-tty", pty_dev_tty },
	{ "pty-foreground-job", pty_foreground_job },
	{ "pty-two-programs", pty_two_programs },
	{ 0 },
};
