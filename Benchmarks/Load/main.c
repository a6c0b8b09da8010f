// Puts a chat server under load and prints its cost, one `name value` per line.
//
//     load exchange --port PORT --pid PID --clients N --in-flight N --seconds S [--acknowledged] [--sender N]
//     load idle     --port PORT --pid PID --clients N --seconds S
//
// exchange: one client keeps --in-flight messages in flight. A message is in flight until all clients have received it,
//           with --acknowledged also until it is acknowledged. The first half second is not measured.
// idle:     the clients connect and do nothing. The server's memory is measured after --seconds.
//
// PID is the server's process. N is a number of its own for each of several programs that send to the same clients.
// Every client checks that it receives each message once and in order.
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "client.h"
#include "../process.h"

enum { STALL_MS = 5000, TURN_MS = 100 };

static const double warm_up_seconds = 0.5;

struct options {
    int port, pid, clients, in_flight, sender;
    double seconds;
    bool is_acknowledged;
};

struct sample {
    double time, cpu;
    unsigned long long delivered, acknowledged;
};

static struct sample take_sample(const struct crowd *crowd, pid_t pid) {
    return (struct sample){
        .time = monotonic_seconds(),
        .cpu = process_cpu_seconds(pid),
        .delivered = crowd->delivered,
        .acknowledged = crowd->acknowledged,
    };
}

static unsigned long long finished(const struct crowd *crowd, const struct options *options) {
    unsigned long long delivered = crowd->delivered / crowd->count;
    if (options->is_acknowledged && crowd->acknowledged < delivered) return crowd->acknowledged;
    return delivered;
}

static void exchange_for(struct crowd *crowd, const struct options *options, double seconds) {
    double end = monotonic_seconds() + seconds;
    while (monotonic_seconds() < end) {
        int free = options->in_flight - (int)(crowd->sent - finished(crowd, options));
        // Sends in bursts. Otherwise a full window would be refilled message by message.
        if (free >= (options->in_flight + 1) / 2) crowd_send(crowd, free, options->is_acknowledged);
        if (!crowd_turn(crowd, STALL_MS)) {
            fprintf(stderr, "stalled: %llu messages to %d clients, %llu delivered\n", crowd->sent, crowd->count,
                    crowd->delivered);
            exit(EXIT_FAILURE);
        }
    }
}

static void exchange(const struct options *options) {
    struct crowd crowd;
    crowd_open(&crowd, options->clients, options->port, options->sender);
    exchange_for(&crowd, options, warm_up_seconds);
    struct sample before = take_sample(&crowd, options->pid);
    exchange_for(&crowd, options, options->seconds);
    struct sample after = take_sample(&crowd, options->pid);
    double seconds = after.time - before.time, microseconds = (after.cpu - before.cpu) * 1e6;
    double deliveries = after.delivered - before.delivered, messages = deliveries / options->clients;
    printf("cpu_us_per_delivery %.3f\n", microseconds / deliveries);
    printf("deliveries_per_s %.0f\n", deliveries / seconds);
    printf("cpu_us_per_message %.3f\n", microseconds / messages);
    printf("messages_per_s %.0f\n", messages / seconds);
}

static void idle(const struct options *options) {
    double before = process_resident_bytes(options->pid);
    struct crowd crowd;
    crowd_open(&crowd, options->clients, options->port, options->sender);
    double end = monotonic_seconds() + options->seconds;
    while (monotonic_seconds() < end) crowd_turn(&crowd, TURN_MS);
    printf("bytes_per_connection %.0f\n", (process_resident_bytes(options->pid) - before) / options->clients);
}

static void raise_descriptor_limit(int clients) {
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    if (limit.rlim_cur < (rlim_t)clients + 100) {
        fprintf(stderr, "%d clients need more descriptors than %llu\n", clients, (unsigned long long)limit.rlim_cur);
        exit(EXIT_FAILURE);
    }
}

int main(int count, char **arguments) {
    static const struct option known[] = {
        {"port", required_argument, NULL, 'p'},      {"pid", required_argument, NULL, 'P'},
        {"clients", required_argument, NULL, 'c'},   {"in-flight", required_argument, NULL, 'f'},
        {"seconds", required_argument, NULL, 's'},   {"acknowledged", no_argument, NULL, 'a'},
        {"sender", required_argument, NULL, 'n'},
        {0},
    };
    struct options options = {.clients = 1, .in_flight = 1, .seconds = 2};
    int option;
    while ((option = getopt_long(count, arguments, "", known, NULL)) != -1) {
        switch (option) {
        case 'p': options.port = atoi(optarg); break;
        case 'P': options.pid = atoi(optarg); break;
        case 'c': options.clients = atoi(optarg); break;
        case 'n': options.sender = atoi(optarg); break;
        case 'f': options.in_flight = atoi(optarg); break;
        case 's': options.seconds = atof(optarg); break;
        case 'a': options.is_acknowledged = true; break;
        default: return EXIT_FAILURE;
        }
    }
    raise_descriptor_limit(options.clients);
    const char *scenario = optind < count ? arguments[optind] : "";
    if (!strcmp(scenario, "exchange")) {
        exchange(&options);
    } else if (!strcmp(scenario, "idle")) {
        idle(&options);
    } else {
        fprintf(stderr, "usage: load exchange|idle --port PORT --pid PID …\n");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
