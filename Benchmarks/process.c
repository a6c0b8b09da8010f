#include "process.h"

#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double seconds_of(clockid_t clock) {
    struct timespec time;
    if (clock_gettime(clock, &time)) {
        perror("clock_gettime");
        exit(EXIT_FAILURE);
    }
    return time.tv_sec + time.tv_nsec * 1e-9;
}

double process_cpu_seconds(pid_t pid) {
    clockid_t clock;
    // More precise than /proc/PID/stat, which counts in ticks of 10 ms.
    if (clock_getcpuclockid(pid, &clock)) {
        fprintf(stderr, "no process %d\n", pid);
        exit(EXIT_FAILURE);
    }
    return seconds_of(clock);
}

double process_resident_bytes(pid_t pid) {
    char path[64], line[256];
    // More precise than /proc/PID/status, which may lag by many pages per thread.
    snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pid);
    FILE *file = fopen(path, "r");
    double kilobytes = 0;
    if (file) {
        while (fgets(line, sizeof line, file) && sscanf(line, "Rss: %lf", &kilobytes) != 1) continue;
        fclose(file);
    }
    if (kilobytes == 0) {
        fprintf(stderr, "%s has no Rss\n", path);
        exit(EXIT_FAILURE);
    }
    return kilobytes * 1024;
}

double monotonic_seconds(void) {
    return seconds_of(CLOCK_MONOTONIC);
}
