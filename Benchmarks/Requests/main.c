// Sends requests to `chatd supervise`, and prints their cost, one `name value` per line.
//
//     requests post    --ports PORT --pids PID,… --count N
//     requests upgrade --ports PORT --pids PID,… --count N
//     requests accept  --ports PORT,… --pids PID,… --count N
//
// post:    POSTs on one connection: half of them each time to the session of the same worker, half in turn to the
//          sessions of two workers, so that the connection is passed to the other worker each time.
// upgrade: the same with upgrades to WebSocket, from the request to the answer to the probe. Each has a connection of
//          its own, on which a POST is sent before, so that it is known which worker has the connection.
// accept:  connections with one request each, eight at a time, to each port in turn.
//
// The PIDs are the processes of the server, whose CPU time is measured.
#include <getopt.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../process.h"
#include "http.h"

enum { LIST_MAX = 64, WORKER_PREFIX = 4, ATTEMPTS = 1000, THREADS = 8 };

struct list {
    int values[LIST_MAX], count;
};

struct options {
    struct list ports, pids;
    int count;
};

static struct list read_list(char *text) {
    struct list list = {0};
    for (char *word = strtok(text, ","); word && list.count < LIST_MAX; word = strtok(NULL, ",")) {
        list.values[list.count++] = atoi(word);
    }
    return list;
}

static double cpu_seconds(const struct list *pids) {
    double sum = 0;
    for (int i = 0; i < pids->count; i++) sum += process_cpu_seconds(pids->values[i]);
    return sum;
}

static int compare(const void *left, const void *right) {
    double difference = *(const double *)left - *(const double *)right;
    return (difference > 0) - (difference < 0);
}

// Opens sessions until two of them have different workers, which the first characters of their ids tell.
static void open_two(struct session sessions[2], int port) {
    sessions[0] = session_open(port);
    for (int i = 0; i < ATTEMPTS; i++) {
        sessions[1] = session_open(port);
        if (memcmp(sessions[0].id, sessions[1].id, WORKER_PREFIX)) return;
    }
    fprintf(stderr, "%d sessions have the same worker\n", ATTEMPTS);
    exit(EXIT_FAILURE);
}

// Sends `count` requests, each with `send`, and prints their latency and CPU time.
static void measure(const struct options *options, const char *name, double (*send)(int number, int port)) {
    double *times = calloc(options->count, sizeof *times);
    if (!times) exit(EXIT_FAILURE);
    double before = cpu_seconds(&options->pids);
    for (int i = 0; i < options->count; i++) times[i] = send(i, options->ports.values[0]) * 1e6;
    double cpu = (cpu_seconds(&options->pids) - before) * 1e6;
    qsort(times, options->count, sizeof *times, compare);
    printf("%s_p50_us %.1f\n", name, times[options->count / 2]);
    printf("%s_p99_us %.1f\n", name, times[options->count * 99 / 100]);
    printf("%s_cpu_us %.1f\n", name, cpu / options->count);
    free(times);
}

static struct session sessions[2];
static int kept = -1;

static double post(const struct session *session, int port) {
    if (kept < 0) kept = http_connect(port);
    double began = monotonic_seconds();
    session_post(session, kept);
    return monotonic_seconds() - began;
}

static double post_stays(int number, int port) {
    (void)number;
    return post(&sessions[0], port);
}

static double post_passed(int number, int port) {
    return post(&sessions[(number + 1) % 2], port);
}

static double upgrade(const struct session *before, const struct session *session, int port) {
    int connected = http_connect(port);
    session_post(before, connected);
    double began = monotonic_seconds();
    session_probe(session, connected);
    double seconds = monotonic_seconds() - began;
    close(connected);
    return seconds;
}

static double upgrade_stays(int number, int port) {
    return upgrade(&sessions[number % 2], &sessions[number % 2], port);
}

static double upgrade_passed(int number, int port) {
    return upgrade(&sessions[number % 2], &sessions[(number + 1) % 2], port);
}

struct accepting {
    const struct options *options;
    atomic_int next;
};

static void *accept_in_thread(void *context) {
    static const char request[] = "GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
    struct accepting *accepting = context;
    const struct list *ports = &accepting->options->ports;
    int number;
    while ((number = accepting->next++) < accepting->options->count) {
        int connected = http_connect(ports->values[number % ports->count]);
        http_send(connected, request, strlen(request));
        http_read_to_end(connected);
        close(connected);
    }
    return NULL;
}

static void accept_connections(const struct options *options) {
    struct accepting accepting = {.options = options};
    pthread_t threads[THREADS];
    double cpu = cpu_seconds(&options->pids), began = monotonic_seconds();
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, accept_in_thread, &accepting);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    double seconds = monotonic_seconds() - began;
    printf("accepts_per_s %.0f\n", options->count / seconds);
    printf("accept_cpu_us %.1f\n", (cpu_seconds(&options->pids) - cpu) * 1e6 / options->count);
}

int main(int count, char **arguments) {
    static const struct option known[] = {
        {"ports", required_argument, NULL, 'p'},
        {"pids", required_argument, NULL, 'P'},
        {"count", required_argument, NULL, 'c'},
        {0},
    };
    struct options options = {.count = 1000};
    int option;
    while ((option = getopt_long(count, arguments, "", known, NULL)) != -1) {
        switch (option) {
        case 'p': options.ports = read_list(optarg); break;
        case 'P': options.pids = read_list(optarg); break;
        case 'c': options.count = atoi(optarg); break;
        default: return EXIT_FAILURE;
        }
    }
    const char *scenario = optind < count ? arguments[optind] : "";
    if (options.ports.count < 1 || options.count < 1) scenario = "";
    if (!strcmp(scenario, "post")) {
        open_two(sessions, options.ports.values[0]);
        measure(&options, "stays", post_stays);
        measure(&options, "passed", post_passed);
    } else if (!strcmp(scenario, "upgrade")) {
        open_two(sessions, options.ports.values[0]);
        measure(&options, "stays", upgrade_stays);
        measure(&options, "passed", upgrade_passed);
    } else if (!strcmp(scenario, "accept")) {
        accept_connections(&options);
    } else {
        fprintf(stderr, "usage: requests post|upgrade|accept --ports PORT,… --pids PID,… --count N\n");
        return EXIT_FAILURE;
    }
    return EXIT_SUCCESS;
}
