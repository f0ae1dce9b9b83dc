// SPDX-License-Identifier: GPL-2.0-only
/* The command to trace. */
#include "command.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

/*
 * The child's part. It waits for the end of a pipe: a byte through that pipe
 * would be IPC of the child itself, and be traced. The pipe also ends when
 * ipcmap dies, and then the command must not run.
 */
static _Noreturn void command_run(char **argv, int gate, int failure, const _Atomic bool *released,
				const struct interrupt_saved *signals)
{
	char byte;
	int err;

	while (read(gate, &byte, 1) < 0 && errno == EINTR)
		;
	if (!*released)
		_exit(127);
	interrupt_restore(signals);
	execvp(argv[0], argv);
	err = errno;
	if (write(failure, &err, sizeof(err)) < 0)
		_exit(127);
	_exit(err == ENOENT ? 127 : 126);
}

int command_spawn(struct command *command, char **argv, const struct interrupt_saved *signals)
{
	_Atomic bool *released;
	int gate[2], failure[2], err;
	pid_t pid;

	released = mmap(NULL, sizeof(*released), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	if (released == MAP_FAILED)
		return -errno;
	if (pipe2(gate, O_CLOEXEC)) {
		err = -errno;
		goto unmap;
	}
	if (pipe2(failure, O_CLOEXEC)) {
		err = -errno;
		goto close_gate;
	}
	pid = fork();
	if (pid < 0) {
		err = -errno;
		goto close_failure;
	}
	if (!pid) {
		close(gate[1]);
		close(failure[0]);
		command_run(argv, gate[0], failure[1], released, signals);
	}
	close(gate[0]);
	close(failure[1]);
	*command = (struct command){ .pid = pid, .gate = gate[1], .released = released,
				     .failure = failure[0] };
	return 0;

close_failure:
	close(failure[0]);
	close(failure[1]);
close_gate:
	close(gate[0]);
	close(gate[1]);
unmap:
	munmap((void *)released, sizeof(*released));
	return err;
}

static void gate_close(struct command *command)
{
	close(command->gate);
	command->gate = -1;
	munmap((void *)command->released, sizeof(*command->released));
	command->released = NULL;
}

int command_release(struct command *command)
{
	ssize_t len;
	int err = 0;

	*command->released = true;
	gate_close(command);
	do {
		len = read(command->failure, &err, sizeof(err));
	} while (len < 0 && errno == EINTR);
	close(command->failure);
	command->failure = -1;
	return len == sizeof(err) ? -err : 0;
}

void command_cancel(struct command *command)
{
	if (!command->pid || command->gate < 0)
		return;
	gate_close(command);
	close(command->failure);
	command->failure = -1;
	command_wait(command);
}

bool command_ended(const struct command *command)
{
	siginfo_t info = { 0 };

	return !waitid(P_PID, command->pid, &info, WEXITED | WNOHANG | WNOWAIT) && info.si_pid;
}

int command_wait(struct command *command)
{
	int status;

	while (waitpid(command->pid, &status, 0) < 0)
		if (errno != EINTR)
			return 1;
	command->pid = 0;
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}
