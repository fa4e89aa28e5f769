/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sigstorm [MIB SIGNALS] moves MIB through a pipe from one process to another
 * while SIGNALS timer signals come down on each of them: with handlers that
 * restart calls, and with such that interrupt them. Every byte arrives once and
 * in its place. tests/stress/signals.sh has it do that with much more.
 *
 * A timer signal that comes while the last one is pending is not delivered;
 * so a timer of a short period runs until the count is reached, and the data
 * goes on until both are done.
 * Run: limit 60 args 4 1000
 */
#include "guest.h"

#define PERIOD_US 200
#define BLOCK 65536

static volatile sig_atomic_t caught;

static void on_alarm(int sig)
{
	(void)sig;
	caught++;
}

static void start_timer(int flags)
{
	struct sigaction action = { .sa_handler = on_alarm, .sa_flags = flags };
	struct itimerval every = { { 0, PERIOD_US }, { 0, PERIOD_US } };

	caught = 0;
	MUST(sigaction(SIGALRM, &action, NULL));
	MUST(setitimer(ITIMER_REAL, &every, NULL));
}

static void stop_timer(void)
{
	struct itimerval never = { 0 };

	MUST(setitimer(ITIMER_REAL, &never, NULL));
}

/* The byte at @pos: no piece of the stream looks like another. */
static unsigned char byte_at(uint64_t pos)
{
	return (unsigned char)((pos * 0x9e3779b97f4a7c15ULL) >> 56);
}

/* Bytes written, and how often a call was interrupted in @ret_broken. */
static uint64_t send_all(int fd, uint64_t least, int signals, long *ret_broken)
{
	static unsigned char block[BLOCK];
	uint64_t pos = 0;

	while (pos < least || caught < signals) {
		size_t len = 1 + (size_t)(pos * 7919 % BLOCK), done = 0, i;

		for (i = 0; i < len; i++)
			block[i] = byte_at(pos + i);
		while (done < len) {
			ssize_t n = write(fd, block + done, len - done);

			if (n < 0 && errno == EINTR) {
				++*ret_broken;
				continue;
			}
			if (n <= 0)
				_exit(96);
			done += (size_t)n;
		}
		pos += len;
	}
	return pos;
}

static uint64_t receive_all(int fd, long *ret_wrong, long *ret_broken)
{
	static unsigned char block[BLOCK];
	uint64_t pos = 0;
	ssize_t n, i;

	while ((n = read(fd, block, 1 + (size_t)(pos * 104729 % BLOCK))) != 0) {
		if (n < 0 && errno == EINTR) {
			++*ret_broken;
			continue;
		}
		if (n < 0)
			_exit(95);
		for (i = 0; i < n; i++)
			*ret_wrong += block[i] != byte_at(pos + (uint64_t)i);
		pos += (uint64_t)n;
	}
	return pos;
}

static void storm(const char *name, int flags, uint64_t bytes, int signals)
{
	long wrong = 0, sent_broken = 0, got_broken = 0;
	uint64_t sent = 0, received;
	int data[2], total[2], code;
	pid_t sender;

	MUST(pipe(data));
	MUST(pipe(total));
	sender = CHILD({
		close(data[0]);
		start_timer(flags);
		sent = send_all(data[1], bytes, signals, &sent_broken);
		stop_timer();
		if (write(total[1], &sent, sizeof(sent)) != sizeof(sent))
			_exit(94);
		_exit(flags & SA_RESTART && sent_broken ? 1 : 0);
	});
	close(data[1]);
	start_timer(flags);
	received = receive_all(data[0], &wrong, &got_broken);
	stop_timer();
	MUST(read(total[0], &sent, sizeof(sent)));
	code = wait_code(sender);
	say("%s: %s, %ld wrong, sender %d", name,
	    received == sent && received >= bytes ? "all bytes" : "LOST", wrong,
	    code);
	say("%s: %s", name,
	    flags & SA_RESTART && got_broken ? "interrupted" : "as the flag says");
	close(data[0]);
	close(total[0]);
	close(total[1]);
}

int main(int argc, char **argv)
{
	uint64_t bytes = (argc > 1 ? strtoull(argv[1], NULL, 0) : 4) << 20;
	int signals = argc > 2 ? atoi(argv[2]) : 1000;

	storm("restarting", SA_RESTART, bytes, signals);
	storm("interrupting", 0, bytes, signals);
	return 0;
}
