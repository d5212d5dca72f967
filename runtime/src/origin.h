/* Who sent a signal, as far as the kernel vouches for it: rt_sigqueueinfo(2), "si_code". */
#pragma once

#include "kernel.h"

/* Its place in SENDERS (sigroute/pid1/plan.py). */
enum sender { TTY, OUTSIDE, INSIDE, SENDERS };

/* parent: our parent. If we are not PID 1, the platform signals us through that process. */
enum sender origin_sender(const siginfo_t *info, pid_t parent);

/* Whether we have caused this signal: by kill(2), or by a timer or limit that exec has left to us. */
bool origin_is_own(const siginfo_t *info, pid_t me);

/* Whether a descriptor of ours tells something by it (sigroute/pid1/kernel/notices.py). If so, it is not to be routed. */
bool origin_is_notice(const siginfo_t *info);
