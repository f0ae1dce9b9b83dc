// SPDX-License-Identifier: GPL-2.0-only
#include "map_file.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "arguments.h"
#include "emit.h"
#include "stream_read.h"

/* A million edges are some 300 MiB. What is larger is no map of ours. */
#define FILE_MAX ((size_t)1 << 30)
#define TOO_LARGE "larger than 1 GiB: not a map"

/* What begins otherwise than a map does is not read to its end, which may be far. */
static bool may_be_map(const char *data, size_t size)
{
	size_t at = 0;

	while (at < size && isspace((unsigned char)data[at]))
		at++;
	return at == size || data[at] == '{';
}

/* All of fd, or the beginning of what is no map. 0, or a negative errno. */
static int read_all(int fd, char **ret_data, size_t *ret_size)
{
	size_t size = 0, room = 1 << 16;
	char *data = malloc(room);
	ssize_t got = data ? 1 : -1;
	int err;

	while (got > 0) {
		if (size == room) {
			char *grown = room < FILE_MAX ? realloc(data, 2 * room) : NULL;

			if (!grown) {
				free(data);
				return room < FILE_MAX ? -ENOMEM : -EFBIG;
			}
			data = grown;
			room *= 2;
		}
		got = read(fd, data + size, room - size);
		if (got < 0 && errno == EINTR)
			got = 1;
		else if (got > 0)
			size += (size_t)got;
		if (got > 0 && !may_be_map(data, size))
			break;
	}
	if (got >= 0) {
		*ret_data = data;
		*ret_size = size;
		return 0;
	}
	err = data ? -errno : -ENOMEM;
	free(data);
	return err;
}

static int file_open(const char *path, int *ret_fd)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct stat st;

	if (fd < 0)
		return -errno;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > (off_t)FILE_MAX) {
		close(fd);
		return -EFBIG;
	}
	*ret_fd = fd;
	return 0;
}

int map_file_read(const char *path, struct map **ret_map)
{
	bool stdin_used = !strcmp(path, "-");
	const char *name = stdin_used ? "stdin" : path;
	int fd = STDIN_FILENO, err = stdin_used ? 0 : file_open(path, &fd);
	char *data = NULL, *error = NULL;
	size_t size = 0;

	if (!err) {
		err = read_all(fd, &data, &size);
		if (!stdin_used)
			close(fd);
	}
	if (err) {
		mistake("cannot read '%s': %s", name, err == -EFBIG ? TOO_LARGE : strerror(-err));
		return EXIT_USAGE;
	}
	if (stream_is(data, size))
		err = map_from_stream(data, size, ret_map, &error);
	else
		err = map_from_json(data, size, ret_map, &error);
	free(data);
	if (err)
		mistake("cannot read '%s': %s", name, error ? error : strerror(-err));
	else if (error)
		mistake("'%s': %s", name, error);
	free(error);
	return err == -ENOMEM ? EXIT_FAILED : err ? EXIT_USAGE : 0;
}
