// SPDX-License-Identifier: GPL-2.0-only
/* Signals that end the trace, or ipcmap. */
#include "interrupt.h"

#include <stdbool.h>
#include <stddef.h>
#include <time.h>
#include <unistd.h>

#include "output.h"

/* SIGPIPE is ignored, for EPIPE; SIGCHLD only wakes ppoll(). */
static const int numbers[INTERRUPT_SIGNALS] = { SIGINT, SIGTERM, SIGHUP, SIGPIPE, SIGCHLD };
static const int ending_count = 3;

/* Less than any hand, or script that looks first, takes from one signal to the next. */
#define SAME_NS 40000000

static pid_t owner;
static struct timespec seen_at; /* of the first; its sender */
static pid_t seen_from;
static volatile sig_atomic_t first_ends; /* the first signal does not leave */
static volatile sig_atomic_t seen;
static volatile sig_atomic_t to_forward; /* seen, and not by the command */
static volatile sig_atomic_t forward_to;

/* timeout(1) sends its signal twice: to its child, and to the group that this is in. */
static bool is_same(int number, const siginfo_t *info)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return seen == number && info->si_pid == seen_from &&
	       (now.tv_sec - seen_at.tv_sec) * 1000000000LL + now.tv_nsec - seen_at.tv_nsec < SAME_NS;
}

static void ending_take(int number, siginfo_t *info, void *context)
{
	(void)context;
	if (is_same(number, info))
		return;
	if (!first_ends || seen) {
		/* A child that draws must not remove its parent's files. */
		if (getpid() == owner)
			output_remove_all();
		_exit(128 + number);
	}
	seen = number;
	seen_from = info->si_pid;
	clock_gettime(CLOCK_MONOTONIC, &seen_at);
	/* si_code > 0: from the terminal, to all of its processes. */
	if (info->si_code > 0)
		return;
	if (forward_to)
		kill(forward_to, number);
	else
		to_forward = number;
}

static void child_take(int number)
{
	(void)number;
}

static void mask_endings(int how, sigset_t *ret_old)
{
	sigset_t set;

	sigemptyset(&set);
	for (int i = 0; i < ending_count; i++)
		sigaddset(&set, numbers[i]);
	sigaddset(&set, SIGCHLD);
	sigprocmask(how, &set, ret_old);
}

void interrupt_begin(struct interrupt_saved *ret_saved)
{
	struct sigaction ending = { .sa_sigaction = ending_take, .sa_flags = SA_SIGINFO | SA_RESTART };
	struct sigaction pipe = { .sa_handler = SIG_IGN };
	struct sigaction child = { .sa_handler = child_take, .sa_flags = SA_RESTART | SA_NOCLDSTOP };

	owner = getpid();
	/* One at a time: the handler counts. */
	for (int i = 0; i < ending_count; i++)
		sigaddset(&ending.sa_mask, numbers[i]);
	for (int i = 0; i < INTERRUPT_SIGNALS; i++) {
		int number = numbers[i];
		const struct sigaction *action = number == SIGPIPE ? &pipe : number == SIGCHLD ? &child :
												 &ending;

		sigaction(number, NULL, &ret_saved->actions[i]);
		/* nohup: a hangup shall go on to mean nothing. */
		if (number != SIGHUP || ret_saved->actions[i].sa_handler != SIG_IGN)
			sigaction(number, action, NULL);
	}
	mask_endings(SIG_UNBLOCK, &ret_saved->mask);
}

void interrupt_restore(const struct interrupt_saved *saved)
{
	for (int i = 0; i < INTERRUPT_SIGNALS; i++)
		sigaction(numbers[i], &saved->actions[i], NULL);
	sigprocmask(SIG_SETMASK, &saved->mask, NULL);
}

void interrupt_block(sigset_t *ret_mask)
{
	mask_endings(SIG_BLOCK, ret_mask);
	first_ends = 1;
}

void interrupt_unblock(void)
{
	mask_endings(SIG_UNBLOCK, NULL);
}

void interrupt_admit(sigset_t *ret_old)
{
	mask_endings(SIG_UNBLOCK, ret_old);
}

void interrupt_readmit(const sigset_t *old)
{
	sigprocmask(SIG_SETMASK, old, NULL);
}

int interrupt_seen(void)
{
	return seen;
}

void interrupt_forward(pid_t command)
{
	sigset_t old;

	mask_endings(SIG_BLOCK, &old);
	forward_to = command;
	if (command && to_forward) {
		kill(command, to_forward);
		to_forward = 0;
	}
	sigprocmask(SIG_SETMASK, &old, NULL);
}
