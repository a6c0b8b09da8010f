// What a server's process has used.
#pragma once

#include <sys/types.h>

// CPU time of all threads so far, in seconds.
double process_cpu_seconds(pid_t pid);

// Memory that is resident now, in bytes.
double process_resident_bytes(pid_t pid);

// The time of a clock that only moves forward, in seconds.
double monotonic_seconds(void);
