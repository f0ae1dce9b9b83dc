// SPDX-License-Identifier: GPL-2.0-only
#include "sandbox.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <seccomp.h>

#include "privilege.h"

/*
 * What Graphviz, Cairo, Pango, fontconfig and the loader of their plugins call
 * (found by running them under strace, and by what glibc tries first). Names that
 * an architecture does not have are passed over.
 */
static const char *const allowed[] = {
	/* memory */
	"brk", "madvise", "membarrier", "mmap", "mmap2", "mprotect", "mremap", "munmap",
	/* descriptors that are open */
	"_llseek", "close", "close_range", "dup", "dup2", "dup3", "fadvise64", "fadvise64_64", "fcntl",
	"fcntl64", "fstat", "fstat64", "fstatfs", "fstatfs64", "getdents", "getdents64", "lseek", "poll",
	"ppoll", "pread64", "read", "readv", "write", "writev",
	/* what files are called, and what they are */
	"access", "faccessat", "faccessat2", "fstatat64", "getcwd", "lstat", "lstat64", "newfstatat",
	"readlink", "readlinkat", "stat", "stat64", "statfs", "statfs64", "statx",
	/* time, and to wait for it */
	"clock_getres", "clock_gettime", "clock_gettime64", "clock_nanosleep", "gettimeofday",
	"nanosleep", "pause", "time", "times",
	/* ourselves */
	"exit", "exit_group", "getegid", "geteuid", "getgid", "getpid", "getppid", "getrandom",
	"getresgid", "getresuid", "getrlimit", "getrusage", "gettid", "getuid", "sched_getaffinity",
	"sched_getattr", "sched_yield", "set_robust_list", "set_tid_address", "sysinfo", "ugetrlimit",
	"umask", "uname",
	/* threads (Pango makes one) and signals to ourselves */
	"futex", "futex_time64", "restart_syscall", "rseq", "rt_sigaction", "rt_sigpending",
	"rt_sigprocmask", "rt_sigreturn", "rt_sigsuspend", "sigaltstack", "sigreturn",
};

static int rule(scmp_filter_ctx filter, const char *name, unsigned count,
		const struct scmp_arg_cmp *arguments)
{
	int number = seccomp_syscall_resolve_name(name);
	int err;

	if (number == __NR_SCMP_ERROR)
		return 0;
	err = seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, number, count, arguments);
	/* Not on this architecture; -EEXIST: two names of one call. */
	return err == -EDOM || err == -EEXIST ? 0 : err;
}

/* Those that only some arguments make harmless. */
static int rules_add_checked(scmp_filter_ctx filter)
{
	const scmp_datum_t writes = O_ACCMODE | O_CREAT | O_TRUNC;
	const scmp_datum_t thread = CLONE_VM | CLONE_THREAD;
#ifdef __s390__
	const struct scmp_arg_cmp flags = SCMP_A1(SCMP_CMP_MASKED_EQ, thread, thread);
#else
	const struct scmp_arg_cmp flags = SCMP_A0(SCMP_CMP_MASKED_EQ, thread, thread);
#endif
	const struct scmp_arg_cmp self = SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0);
	const struct scmp_arg_cmp open_reads = SCMP_A1(SCMP_CMP_MASKED_EQ, writes, O_RDONLY);
	const struct scmp_arg_cmp openat_reads = SCMP_A2(SCMP_CMP_MASKED_EQ, writes, O_RDONLY);
	/* To set nothing: only to ask. */
	const struct scmp_arg_cmp asks = SCMP_A2(SCMP_CMP_EQ, 0, 0);
	int err = rule(filter, "open", 1, &open_reads);

	err = err ? err : rule(filter, "openat", 1, &openat_reads);
	err = err ? err : rule(filter, "clone", 1, &flags);
	err = err ? err : rule(filter, "prlimit64", 1, &asks);
	/* abort() */
	err = err ? err : rule(filter, "tgkill", 1, &self);
	return err ? err : rule(filter, "kill", 1, &self);
}

/* clone3() and openat2() keep their flags where no filter sees them: ENOSYS, and glibc takes the older ones. */
static int filter_load(void)
{
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(ENOSYS));
	int err = filter ? 0 : -ENOMEM;

	for (size_t i = 0; !err && i < sizeof(allowed) / sizeof(allowed[0]); i++)
		err = rule(filter, allowed[i], 0, NULL);
	err = err ? err : rules_add_checked(filter);
	err = err ? err : seccomp_load(filter);
	seccomp_release(filter);
	return err;
}

/* Maps, probes and half-written outputs of the parent are none of its business. */
static void descriptors_close(int keep)
{
	struct rlimit limit;

#ifdef SYS_close_range
	if (!syscall(SYS_close_range, keep + 1, ~0U, 0))
		return;
#endif
	if (getrlimit(RLIMIT_NOFILE, &limit) || limit.rlim_cur > 65536)
		limit.rlim_cur = 65536;
	for (int fd = keep + 1; fd < (int)limit.rlim_cur; fd++)
		close(fd);
}

int sandbox_enter(int keep)
{
	int err;

	descriptors_close(keep);
	err = privilege_none();
	if (err)
		return err;
	err = filter_load();
	/* A kernel without filters, or one in which others' filters forbid ours. */
	return err == -EINVAL || err == -ENOSYS || err == -EOPNOTSUPP || err == -ECANCELED ? 0 : err;
}
