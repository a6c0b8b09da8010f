/// What the process with the hub measures.
extension Metric {
    static let ofStore = [
        storedMessages, commitTime, storeQueue, storeUp, storeFailures, sessions, loggedEvents, linkQueue,
    ]

    package static let storedMessages = Metric(
        .counter, "messages_total", by: ["result"], "Messages that the store was given, by result.")
    package static let commitTime = Metric(
        .histogram, "commit_seconds", "Time of the transactions that stored messages.")
    package static let storeQueue = Metric(.gauge, "store_queue", "Messages that wait for the store.")
    package static let storeUp = Metric(
        .gauge, "store_up", "1 if the store takes messages, as /readyz has it, else 0.")
    package static let storeFailures = Metric(
        .counter, "store_failures_total", by: ["operation"],
        "Transactions that failed or refused messages because the database is full, failed reads of other programs' "
            + "rows, and failed deletions of old (prune) and of single messages (delete).")
    package static let sessions = Metric(
        .gauge, "sessions", by: ["state"], "Socket.IO sessions: connected, and lost but kept for their clients.")
    package static let loggedEvents = Metric(.gauge, "logged_events", "Events that are kept for lost clients.")
    package static let linkQueue = Metric(
        .gauge, "link_queue_bytes", "Output that waits for the workers' processes.")

    static let ofHosts = [backplaneUp, backplaneOutages, droppedEvents]

    package static let backplaneUp = Metric(
        .gauge, "backplane_up", "1 if the host is connected to the backplane, else 0. Absent without a backplane.")
    package static let backplaneOutages = Metric(
        .counter, "backplane_outages_total", "Connections to the backplane that could not be opened or have ended.")
    package static let droppedEvents = Metric(
        .counter, "events_dropped_total", "Events that reached nobody, because the host was cut off from the others.")

    static let ofProcesses = [
        ready, startTime, cpuTime, residentMemory, workers, workersUp, silentWorkers, workerStarts, workerRestarts,
        passedConnections, bans,
    ]

    package static let ready = Metric(.gauge, "ready", "1 if /readyz answers ok, else 0.")
    package static let startTime = Metric(
        .gauge, "start_time_seconds", "Start of the server in seconds since 1970.")
    package static let cpuTime = Metric(
        .counter, "cpu_seconds_total", "CPU time of all processes of the server.")
    package static let residentMemory = Metric(
        .gauge, "resident_memory_bytes", "Resident memory of all processes of the server, shared pages counted each.")
    package static let workers = Metric(.gauge, "workers", "Worker processes that the server should have.")
    package static let workersUp = Metric(.gauge, "workers_up", "Workers that accept connections.")
    package static let silentWorkers = Metric(
        .gauge, "workers_silent", "Workers that did not answer this scrape in time: their last counters are used.")
    package static let workerStarts = Metric(.counter, "worker_starts_total", "Worker processes started.")
    package static let workerRestarts = Metric(
        .counter, "worker_restarts_total", "Worker processes that ended unexpectedly, or could not be started.")
    package static let passedConnections = Metric(
        .counter, "connections_passed_total", by: ["result"],
        "Connections passed from one worker to another (--ports shared), by result.")
    package static let bans = Metric(
        .gauge, "bans", "Bans in force. Absent if the server keeps no bans.")
}
