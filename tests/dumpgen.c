// SPDX-License-Identifier: GPL-2.0-only
/*
 * dumpgen TRUTH SCENE [ARGUMENT]: known IPC between two processes, and the events that
 * ipcdump must tell of it, one line of JSON each, in order. The two wait for each other in
 * shared memory, so that nothing else is IPC but the SIGCHLD at the end.
 * A scene whose channel is older than the stream stops itself until the stream is there.
 */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pty.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define check(condition) ((condition) ? (void)0 : check_fail(#condition, __LINE__))
#define SEGMENTS_MAX 64
#define SIZE_MAX_SENT 1000000

static _Noreturn void check_fail(const char *what, int line)
{
	fprintf(stderr, "dumpgen: line %d: %s: %s\n", line, what, strerror(errno));
	kill(0, SIGKILL);
	_exit(1);
}

static struct shared {
	_Atomic int turn; /* counts up: even is the sender's */
	_Atomic int peer; /* the receiver's pid, once it runs */
} *shared;

static int truth;
static uint64_t random_state = 88172645463325252ULL;

static uint8_t random_byte(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return random_state >> 32;
}

static void turn_await(int turn)
{
	while (shared->turn < turn)
		sched_yield();
}

static void base64(FILE *file, const uint8_t *bytes, size_t size)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

	for (size_t i = 0; i < size; i += 3) {
		uint32_t word = bytes[i] << 16 | (i + 1 < size ? bytes[i + 1] << 8 : 0) |
				(i + 2 < size ? bytes[i + 2] : 0);

		fputc(digits[word >> 18], file);
		fputc(digits[word >> 12 & 63], file);
		fputc(i + 1 < size ? digits[word >> 6 & 63] : '=', file);
		fputc(i + 2 < size ? digits[word & 63] : '=', file);
	}
}

/* src 0: nobody can tell. */
static void truth_event(const char *mechanism, pid_t src, pid_t dst, const void *bytes, size_t size)
{
	FILE *file = fdopen(dup(truth), "a");

	check(file);
	fprintf(file, "{\"mechanism\":\"%s\",\"src\":", mechanism);
	if (src)
		fprintf(file, "%d", src);
	else
		fputs("null", file);
	fprintf(file, ",\"dst\":%d,\"count\":%zu,\"contents\":\"", dst, size);
	base64(file, bytes, size);
	fputs("\"}\n", file);
	check(!fclose(file));
}

struct channel {
	const char *mechanism;
	size_t max; /* of one message */
	bool sockets;
	int ends[2]; /* reader, writer */
};

static void unix_pair(struct channel *channel, int type)
{
	int size = 4 << 20;

	check(!socketpair(AF_UNIX, type, 0, channel->ends));
	setsockopt(channel->ends[1], SOL_SOCKET, SO_SNDBUFFORCE, &size, sizeof(size));
	channel->sockets = true;
}

static void inet_pair(struct channel *channel, int type)
{
	struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t len = sizeof(address);
	int listener = socket(AF_INET, type, 0), client = socket(AF_INET, type, 0);

	check(!bind(listener, (struct sockaddr *)&address, len));
	check(!getsockname(listener, (struct sockaddr *)&address, &len));
	if (type == SOCK_STREAM)
		check(!listen(listener, 1));
	check(!connect(client, (struct sockaddr *)&address, len));
	channel->ends[0] = type == SOCK_STREAM ? accept(listener, NULL, NULL) : listener;
	channel->ends[1] = client;
	channel->sockets = true;
	check(channel->ends[0] >= 0);
}

static void pty_pair(struct channel *channel)
{
	struct termios raw;

	cfmakeraw(&raw);
	check(!openpty(&channel->ends[1], &channel->ends[0], NULL, &raw, NULL));
	check(!tcgetattr(channel->ends[0], &raw));
	cfmakeraw(&raw);
	check(!tcsetattr(channel->ends[0], TCSANOW, &raw));
}

static struct channel channel_open(const char *mechanism)
{
	struct channel channel = { .mechanism = mechanism, .max = SIZE_MAX_SENT };
	char path[] = "/tmp/dumpgen.XXXXXX";

	if (!strcmp(mechanism, "pipe")) {
		check(!pipe(channel.ends));
		check(fcntl(channel.ends[1], F_SETPIPE_SZ, 1 << 20) > 0);
	} else if (!strcmp(mechanism, "fifo")) {
		check(mkdtemp(path) && !chdir(path) && !mkfifo("fifo", 0600));
		channel.ends[0] = open("fifo", O_RDONLY | O_NONBLOCK);
		channel.ends[1] = open("fifo", O_WRONLY);
		check(channel.ends[0] >= 0 && channel.ends[1] >= 0);
		check(!fcntl(channel.ends[0], F_SETFL, 0) && fcntl(channel.ends[1], F_SETPIPE_SZ, 1 << 20) > 0);
		check(!unlink("fifo") && !chdir("/") && !rmdir(path));
	} else if (!strcmp(mechanism, "unix-stream")) {
		unix_pair(&channel, SOCK_STREAM);
	} else if (!strcmp(mechanism, "unix-dgram")) {
		unix_pair(&channel, SOCK_DGRAM);
	} else if (!strcmp(mechanism, "unix-seqpacket")) {
		unix_pair(&channel, SOCK_SEQPACKET);
	} else if (!strcmp(mechanism, "tcp")) {
		inet_pair(&channel, SOCK_STREAM);
	} else if (!strcmp(mechanism, "udp")) {
		inet_pair(&channel, SOCK_DGRAM);
		channel.max = 65507;
	} else {
		check(!strcmp(mechanism, "pty"));
		pty_pair(&channel);
		channel.max = 4095;
	}
	return channel;
}

/* The buffer in so many parts, of sizes that differ; zeroes among them. */
static int segments(struct iovec *vector, uint8_t *bytes, size_t size, int count)
{
	size_t done = 0;

	for (int i = 0; i < count; i++) {
		size_t left = size - done, part = i == count - 1 ? left : (left / (count - i)) * (i % 3) / 1;

		part = part < left ? part : left;
		vector[i] = (struct iovec){ bytes + done, part };
		done += part;
	}
	return count;
}

static uint8_t sent[SIZE_MAX_SENT], got[SIZE_MAX_SENT];

static void send_one(const struct channel *channel, size_t size, int parts)
{
	struct iovec vector[SEGMENTS_MAX];

	for (size_t i = 0; i < size; i++)
		sent[i] = random_byte();
	for (size_t done = 0; done < size;) {
		ssize_t n = writev(channel->ends[1], vector, segments(vector, sent + done, size - done, parts));

		check(n > 0);
		done += n;
	}
}

/* All of it by one call: waits until it is there. */
static void receive_one(const struct channel *channel, size_t size, int parts, pid_t src)
{
	struct iovec vector[SEGMENTS_MAX];
	struct msghdr message = { .msg_iov = vector };
	ssize_t n;
	int there;

	memset(got, 0, size);
	message.msg_iovlen = segments(vector, got, size, parts);
	do {
		check(!ioctl(channel->ends[0], FIONREAD, &there));
	} while (!channel->sockets && (size_t)there < size);
	if (!channel->sockets)
		n = readv(channel->ends[0], vector, message.msg_iovlen);
	else if (parts == 1)
		n = recv(channel->ends[0], got, size, MSG_WAITALL);
	else
		n = recvmsg(channel->ends[0], &message, MSG_WAITALL);
	check((size_t)n == size);
	truth_event(channel->mechanism, src, getpid(), got, n);
}

static const size_t sizes[] = { 1, 4095, 65537, SIZE_MAX_SENT };
static const int parts[] = { 1, 2, 7, 64 };

static void contents_each(const struct channel *channel, bool sender, pid_t src)
{
	int turn = 0;

	for (size_t i = 0; i < sizeof(sizes) / sizeof(sizes[0]); i++) {
		for (size_t k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
			size_t size = sizes[i] < channel->max ? sizes[i] : channel->max;

			if (sender) {
				turn_await(turn);
				send_one(channel, size, parts[k]);
			} else {
				receive_one(channel, size, parts[k], src);
				shared->turn = turn + 1;
			}
			turn++;
		}
	}
}

/* Random bytes of many sizes, in iovecs of many segments. */
static void scene_contents(const char *mechanism)
{
	struct channel channel = channel_open(mechanism);
	pid_t src = getpid(), child;

	child = fork();
	check(child >= 0);
	if (!child) {
		contents_each(&channel, false, src);
		_exit(0);
	}
	contents_each(&channel, true, src);
	check(waitpid(child, NULL, 0) == child);
}

/* mmsg: several messages by one call, each an event. */
static void scene_many(const char *mechanism)
{
	struct channel channel = channel_open(mechanism);
	struct iovec vectors[40][2];
	struct mmsghdr messages[40] = { 0 };
	pid_t src = getpid(), child;

	child = fork();
	check(child >= 0);
	for (int i = 0; i < 40; i++) {
		vectors[i][0] = (struct iovec){ (child ? sent : got) + 1000 * i, 3 };
		vectors[i][1] = (struct iovec){ (child ? sent : got) + 1000 * i + 3, i };
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = vectors[i], .msg_iovlen = 2 };
	}
	if (child) {
		for (int i = 0; i < 40000; i++)
			sent[i] = random_byte();
		check(sendmmsg(channel.ends[1], messages, 40, 0) == 40);
		shared->turn = 1;
		check(waitpid(child, NULL, 0) == child);
		return;
	}
	turn_await(1);
	check(recvmmsg(channel.ends[0], messages, 40, MSG_WAITFORONE, NULL) == 40);
	for (int i = 0; i < 40; i++) {
		check(messages[i].msg_len == (unsigned int)i + 3);
		truth_event(mechanism, src, getpid(), got + 1000 * i, messages[i].msg_len);
	}
	_exit(0);
}

/* One byte after another, so many: what fills a small buffer. */
static void scene_flood(const char *count)
{
	struct channel channel = channel_open("pipe");
	int left = atoi(count);
	char byte = 0;

	while (left-- > 0)
		check(write(channel.ends[1], &byte, 1) == 1 && read(channel.ends[0], &byte, 1) == 1);
}

/* A child writes, and is gone. */
static pid_t child_writes(const struct channel *channel, const char *text)
{
	pid_t child = fork();

	check(child >= 0);
	if (!child) {
		check(write(channel->ends[1], text, strlen(text)) == (ssize_t)strlen(text));
		_exit(0);
	}
	check(waitpid(child, NULL, 0) == child);
	return child;
}

static void read_told(const struct channel *channel, size_t size, pid_t src)
{
	check(read(channel->ends[0], got, size) == (ssize_t)size);
	truth_event(channel->mechanism, src, getpid(), got, size);
}

/*
 * Several processes write to one channel: one after the other, which can be told apart,
 * and one while what another wrote still waits, which can't.
 */
static void scene_writers(const char *mechanism)
{
	struct channel channel = channel_open(mechanism);
	pid_t self = getpid();

	check(write(channel.ends[1], "one", 3) == 3);
	read_told(&channel, 3, self);
	read_told(&channel, 3, child_writes(&channel, "two"));
	read_told(&channel, 5, child_writes(&channel, "three"));
	check(write(channel.ends[1], "first", 5) == 5);
	child_writes(&channel, "second");
	read_told(&channel, 5, 0);
	read_told(&channel, 6, 0);
	read_told(&channel, 4, child_writes(&channel, "four"));
	check(write(channel.ends[1], "five", 4) == 4);
	read_told(&channel, 4, self);
}

/*
 * What one process wrote before the stream waits when another is first seen to write: nobody's,
 * until all of it is read.
 */
static void scene_waited(const char *mechanism)
{
	struct channel channel = channel_open(mechanism);

	child_writes(&channel, "before the stream");
	raise(SIGSTOP);
	check(write(channel.ends[1], "seen", 4) == 4);
	read_told(&channel, 10, 0);
	read_told(&channel, 7, 0);
	read_told(&channel, 4, 0);
	check(write(channel.ends[1], "after", 5) == 5);
	read_told(&channel, 5, getpid());
}

int main(int argc, char **argv)
{
	static const struct {
		const char *name;
		void (*run)(const char *argument);
	} scenes[] = {
		{ "contents", scene_contents },
		{ "many", scene_many },
		{ "flood", scene_flood },
		{ "writers", scene_writers },
		{ "waited", scene_waited },
	};

	if (argc < 4)
		return 2;
	shared = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	check(shared != MAP_FAILED);
	truth = open(argv[1], O_WRONLY | O_CREAT | O_TRUNC | O_APPEND, 0600);
	check(truth >= 0);
	setpgid(0, 0);
	for (size_t i = 0; i < sizeof(scenes) / sizeof(scenes[0]); i++) {
		if (strcmp(scenes[i].name, argv[2]))
			continue;
		scenes[i].run(argv[3]);
		return 0;
	}
	return 2;
}
