// SPDX-License-Identifier: GPL-2.0-only
/*
 * Time is the host's: its monotonic clock is ours from the first tick on, so
 * that times in /proc agree with what the guest reads from its vDSO. The one
 * clock event device is a deadline that the supervisor's event loop waits for.
 * Side: kernel.
 */
#include <linux/clockchips.h>
#include <linux/clocksource.h>
#include <linux/delay.h>
#include <linux/init.h>
#include <linux/sched/clock.h>
#include <linux/timekeeping.h>
#include <asm/kbox.h>

static u64 deadline_ns = ~0ULL;
static struct clock_event_device timer;

unsigned long long kbox_timer_deadline(void)
{
	return deadline_ns;
}

bool kbox_timer_due(void)
{
	return kbox_host->monotonic_ns() >= deadline_ns;
}

static void timer_irq(void *arg)
{
	timer.event_handler(&timer);
}

/* The host's clock can be set while we run; a millisecond may pass for noise. */
static void follow_host_clock(void)
{
	static u64 last_check_ns;
	u64 now = kbox_host->monotonic_ns();
	struct timespec64 ts;
	s64 off;

	if (now - last_check_ns < NSEC_PER_SEC)
		return;
	last_check_ns = now;
	ts = ns_to_timespec64(kbox_host->realtime_ns());
	off = timespec64_to_ns(&ts) - ktime_get_real_ns();
	if (off > NSEC_PER_MSEC || off < -NSEC_PER_MSEC)
		do_settimeofday64(&ts);
}

void kbox_poll_timers(void)
{
	deadline_ns = ~0ULL;
	kbox_run_irq(timer_irq, NULL);
	follow_host_clock();
}

void kbox_cpu_relax(void)
{
	if (timer.event_handler && !irqs_disabled() && kbox_timer_due())
		kbox_poll_timers();
}

static int set_next_event(unsigned long delta_ns,
			  struct clock_event_device *dev)
{
	deadline_ns = kbox_host->monotonic_ns() + delta_ns;
	return 0;
}

static int shut_down(struct clock_event_device *dev)
{
	deadline_ns = ~0ULL;
	return 0;
}

static struct clock_event_device timer = {
	.name = "host",
	.features = CLOCK_EVT_FEAT_ONESHOT,
	.rating = 400,
	.set_next_event = set_next_event,
	.set_state_shutdown = shut_down,
	.set_state_oneshot = shut_down,
};

static u64 read_clock(struct clocksource *cs)
{
	return kbox_host->monotonic_ns();
}

static struct clocksource host_clock = {
	.name = "host",
	.rating = 400,
	.read = read_clock,
	.mask = CLOCKSOURCE_MASK(64),
	.flags = CLOCK_SOURCE_IS_CONTINUOUS,
};

unsigned long long notrace sched_clock(void)
{
	return kbox_host->monotonic_ns();
}

void __init read_persistent_wall_and_boot_offset(struct timespec64 *wall,
						 struct timespec64 *boot_offset)
{
	*wall = ns_to_timespec64(kbox_host->realtime_ns());
	*boot_offset = ns_to_timespec64(kbox_host->monotonic_ns());
}

void __init time_init(void)
{
	timer.cpumask = cpumask_of(0);
	clocksource_register_hz(&host_clock, NSEC_PER_SEC);
	clockevents_config_and_register(&timer, NSEC_PER_SEC, 1, LONG_MAX);
}

void calibrate_delay(void)
{
	loops_per_jiffy = 1000000;	/* nothing loops: delays read the clock */
}

void __ndelay(unsigned long nsecs)
{
	u64 end = kbox_host->monotonic_ns() + nsecs;

	while (kbox_host->monotonic_ns() < end)
		;
}

void __udelay(unsigned long usecs)
{
	__ndelay(usecs * NSEC_PER_USEC);
}

void __delay(unsigned long loops)
{
	__ndelay(loops);
}
