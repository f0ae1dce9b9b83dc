// SPDX-License-Identifier: GPL-2.0-only
/*
 * Output files.
 *
 * A file without a name (O_TMPFILE) is written where the filesystem has them,
 * and gets its name only when it is complete: even SIGKILL leaves nothing
 * behind. Elsewhere it is a hidden file, removed on every way out but that one.
 */
#include "output.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#define LINKS_MAX 40

struct output_file {
	char *path;	 /* as given, for messages */
	char *name;	 /* of the target in its folder; NULL: written directly */
	int fd;
	int folder;
	/* Name of the temporary file in the folder; empty while it has none. */
	char temporary[NAME_MAX + 1];
};

/* Those open now, for output_remove_all(), which may interrupt anything. */
#define OPEN_MAX_FILES 64
static struct output_file *_Atomic open_files[OPEN_MAX_FILES];

static void file_register(struct output_file *file)
{
	for (int i = 0; i < OPEN_MAX_FILES; i++) {
		struct output_file *expected = NULL;

		if (atomic_compare_exchange_strong(&open_files[i], &expected, file))
			return;
	}
}

static void file_unregister(struct output_file *file)
{
	for (int i = 0; i < OPEN_MAX_FILES; i++) {
		struct output_file *expected = file;

		if (atomic_compare_exchange_strong(&open_files[i], &expected, NULL))
			return;
	}
}

void output_remove_all(void)
{
	for (int i = 0; i < OPEN_MAX_FILES; i++) {
		struct output_file *file = atomic_load(&open_files[i]);

		if (file && file->temporary[0])
			unlinkat(file->folder, file->temporary, 0);
	}
}

/* One line: what could not be done with path, and why. Returns err. */
static int error_set(char **ret_error, const char *path, int err, const char *why)
{
	if (asprintf(ret_error, "cannot write '%s': %s", path, why ? why : strerror(-err)) < 0)
		*ret_error = NULL;
	return err;
}

static void file_free(struct output_file *file)
{
	if (!file)
		return;
	file_unregister(file);
	if (file->fd >= 0)
		close(file->fd);
	if (file->folder >= 0)
		close(file->folder);
	free(file->path);
	free(file->name);
	free(file);
}

/* The descriptor that a path stands for: "-", /dev/stdout, /dev/fd/3; or -1. */
static int path_descriptor(const char *path)
{
	static const char *const folders[] = { "/dev/fd/", "/proc/self/fd/" };

	if (!strcmp(path, "-") || !strcmp(path, "/dev/stdout"))
		return STDOUT_FILENO;
	if (!strcmp(path, "/dev/stderr"))
		return STDERR_FILENO;
	for (size_t i = 0; i < 2; i++) {
		size_t len = strlen(folders[i]);
		const char *digits = path + len;

		if (!strncmp(path, folders[i], len) && *digits && strlen(digits) < 9 &&
		    !digits[strspn(digits, "0123456789")])
			return atoi(digits);
	}
	return -1;
}

/* Something that is no regular file: written as it is. */
static int special_open(struct output_file *file, const char *path, char **ret_error)
{
	/* A FIFO without a reader would block here, before anyone can see why. */
	int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

	if (fd < 0 && errno == ENXIO)
		return error_set(ret_error, path, -ENXIO, "nothing reads from it; start its reader first");
	if (fd < 0)
		return error_set(ret_error, path, -errno, NULL);
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
	file->fd = fd;
	return 0;
}

/* Replaces *path by what the symbolic link there points to. */
static int link_follow(char **path)
{
	char text[PATH_MAX];
	ssize_t len = readlink(*path, text, sizeof(text) - 1);
	const char *slash = strrchr(*path, '/');
	char *joined;

	if (len < 0)
		return -errno;
	text[len] = '\0';
	if (text[0] == '/' || !slash)
		joined = strdup(text);
	else if (asprintf(&joined, "%.*s/%s", (int)(slash - *path), *path, text) < 0)
		joined = NULL;
	if (!joined)
		return -ENOMEM;
	free(*path);
	*path = joined;
	return 0;
}

/*
 * The path of the file itself, behind symbolic links, and the mode of what is
 * there now (0: nothing).
 */
static int target_find(const char *path, char **ret_target, mode_t *ret_mode)
{
	char *target = strdup(path);
	int err = target ? 0 : -ENOMEM;
	struct stat st;

	for (int links = 0; !err; links++) {
		/*
		 * The kernel looks first: it refuses links that others planted in
		 * /tmp (fs.protected_symlinks), where readlink() would not.
		 */
		if (stat(target, &st)) {
			st.st_mode = 0;
			if (errno != ENOENT) {
				err = -errno;
				break;
			}
		}
		/* Of what is written to directly, or not at all, the kernel follows the links. */
		if (st.st_mode && !S_ISREG(st.st_mode))
			break;
		if (lstat(target, &st))
			st.st_mode = 0;
		if (!S_ISLNK(st.st_mode))
			break;
		err = links < LINKS_MAX ? link_follow(&target) : -ELOOP;
	}
	if (err) {
		free(target);
		return err;
	}
	*ret_target = target;
	*ret_mode = st.st_mode;
	return 0;
}

/* A hidden name beside the target that nobody else has: ".NAME.XXXXXX". */
static void temporary_name(const struct output_file *file, char name[NAME_MAX + 1])
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz012345";
	unsigned char random[6] = { 0 };
	char ending[sizeof(random) + 1] = "";

	if (getrandom(random, sizeof(random), GRND_NONBLOCK) < 0)
		memcpy(random, &(pid_t){ getpid() }, sizeof(pid_t));
	for (size_t i = 0; i < sizeof(random); i++)
		ending[i] = letters[random[i] % 32];
	snprintf(name, NAME_MAX + 1, ".%.200s.%s", file->name, ending);
}

/* Makes a file with a temporary name; signals wait until it is known to output_remove_all(). */
static int temporary_make(struct output_file *file, int (*make)(struct output_file *, const char *))
{
	sigset_t all, old;
	int err = -EEXIST;

	sigfillset(&all);
	for (int i = 0; i < 100 && err == -EEXIST; i++) {
		char name[NAME_MAX + 1];

		temporary_name(file, name);
		sigprocmask(SIG_BLOCK, &all, &old);
		err = make(file, name);
		if (!err)
			strcpy(file->temporary, name);
		sigprocmask(SIG_SETMASK, &old, NULL);
	}
	return err;
}

static int temporary_create(struct output_file *file, const char *name)
{
	file->fd = openat(file->folder, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0666);
	return file->fd < 0 ? -errno : 0;
}

static int temporary_link(struct output_file *file, const char *name)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/self/fd/%d", file->fd);
	return linkat(AT_FDCWD, path, file->folder, name, AT_SYMLINK_FOLLOW) ? -errno : 0;
}

/* Opens the folder of target and a temporary file in it. */
static int regular_open(struct output_file *file, const char *target, char **ret_error)
{
	const char *slash = strrchr(target, '/');
	char folder[PATH_MAX], why[PATH_MAX + 64];
	int err = 0;

	file->name = strdup(slash ? slash + 1 : target);
	if (!file->name)
		return error_set(ret_error, file->path, -ENOMEM, NULL);
	if (!slash)
		strcpy(folder, ".");
	else
		snprintf(folder, sizeof(folder), "%.*s", slash == target ? 1 : (int)(slash - target), target);

	file->folder = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (file->folder < 0) {
		err = -errno;
	} else {
		file->fd = openat(file->folder, ".", O_TMPFILE | O_WRONLY | O_CLOEXEC, 0666);
		/* What a filesystem without O_TMPFILE answers differs; what else is wrong shows here too. */
		if (file->fd < 0)
			err = temporary_make(file, temporary_create);
	}
	if (!err)
		return 0;
	if (err == -ENOENT && file->folder < 0)
		snprintf(why, sizeof(why), "there is no folder '%s'", folder);
	else
		snprintf(why, sizeof(why), "no file can be made in '%s': %s", folder, strerror(-err));
	return error_set(ret_error, file->path, err, why);
}

static int target_open(struct output_file *file, const char *path, char **ret_error)
{
	mode_t mode;
	char *target;
	int err;

	err = target_find(path, &target, &mode);
	if (err)
		return error_set(ret_error, path, err, NULL);
	if (S_ISDIR(mode) || path[strlen(path) - 1] == '/')
		err = error_set(ret_error, path, -EISDIR, "this is a folder; give the name of a file in it");
	else if (mode && !S_ISREG(mode))
		err = special_open(file, path, ret_error);
	else
		err = regular_open(file, target, ret_error);
	/* Who may read the old one may read the new one. */
	if (!err && S_ISREG(mode))
		fchmod(file->fd, mode & 0777);
	free(target);
	return err;
}

int output_open(const char *path, struct output_file **ret_file, char **ret_error)
{
	struct output_file *file = calloc(1, sizeof(*file));
	int descriptor = path_descriptor(path), err = 0;

	if (!file || !(file->path = strdup(strcmp(path, "-") ? path : "stdout"))) {
		free(file);
		return error_set(ret_error, path, -ENOMEM, NULL);
	}
	file->fd = file->folder = -1;
	file_register(file);
	if (descriptor >= 0) {
		/* A duplicate, where open() would write a file from its start. */
		file->fd = fcntl(descriptor, F_DUPFD_CLOEXEC, 3);
		/* One that its opener closed was replaced by one that can't be written: main.c. */
		if (file->fd < 0)
			err = error_set(ret_error, file->path, -errno, NULL);
		else if ((fcntl(file->fd, F_GETFL) & O_ACCMODE) == O_RDONLY)
			err = error_set(ret_error, file->path, -EBADF, NULL);
	} else {
		err = target_open(file, path, ret_error);
	}
	if (err) {
		file_free(file);
		return err;
	}
	*ret_file = file;
	return 0;
}

int write_all(int fd, const char *data, size_t size)
{
	while (size) {
		ssize_t written = write(fd, data, size);

		if (written >= 0) {
			data += written;
			size -= written;
		} else if (errno == EAGAIN) {
			/* Whoever shares our stdout made it non-blocking. */
			poll(&(struct pollfd){ .fd = fd, .events = POLLOUT }, 1, -1);
		} else if (errno != EINTR) {
			return -errno;
		}
	}
	return 0;
}

/* Gives the complete file its name. */
static int file_place(struct output_file *file, const char *data, size_t size)
{
	int err = 0, fd;

	if (fsync(file->fd) && errno != EINVAL)
		return -errno;
	if (!file->temporary[0])
		err = temporary_make(file, temporary_link);
	if (err)
		return err;
	if (!renameat(file->folder, file->temporary, file->folder, file->name)) {
		file->temporary[0] = '\0';
		return 0;
	}
	if (errno != EBUSY)
		return -errno;
	/* A file mounted by itself (into a container) can only be written in place. */
	fd = openat(file->folder, file->name, O_WRONLY | O_TRUNC | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	err = write_all(fd, data, size);
	close(fd);
	return err;
}

int output_commit(struct output_file *file, const void *data, size_t size, char **ret_error)
{
	int err = write_all(file->fd, data, size);

	if (!err && file->name)
		err = file_place(file, data, size);
	if (err)
		error_set(ret_error, file->path, err, NULL);
	output_discard(file);
	return err;
}

void output_discard(struct output_file *file)
{
	if (file && file->temporary[0])
		unlinkat(file->folder, file->temporary, 0);
	file_free(file);
}
