// The resource usage of a server's process.
#pragma once

#include <sys/types.h>

// The CPU time of all threads so far, in seconds.
double process_cpu_seconds(pid_t pid);

// The resident memory, in bytes.
double process_resident_bytes(pid_t pid);

// The time of the monotonic clock, in seconds.
double monotonic_seconds(void);
