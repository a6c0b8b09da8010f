/// What each worker measures.
extension Metric {
    static let ofClients = [
        connections, networkConnections, sockets, acceptedConnections, openedConnections, endedConnections, upgrades,
        responses, refusals, receivedBytes, sentBytes, recoveries,
    ]

    package static let connections = Metric(
        .gauge, "connections", by: ["transport"], "Connected clients (Engine.IO sessions) by transport.")
    static let networkConnections = Metric(
        .gauge, "network_connections",
        "Open TCP and Unix domain connections, including those of no client.")
    static let sockets = Metric(
        .gauge, "sockets", "Sockets of clients in all namespaces.")
    static let acceptedConnections = Metric(
        .counter, "network_connections_accepted_total", "TCP and Unix domain connections accepted.")
    static let openedConnections = Metric(
        .counter, "connections_opened_total", "Clients that connected (Engine.IO sessions opened).")
    static let endedConnections = Metric(
        .counter, "connections_ended_total", by: ["reason"], "Clients whose connection ended, by reason.")
    static let upgrades = Metric(
        .counter, "upgrades_total", "Clients that changed from polling to a WebSocket.")
    static let responses = Metric(
        .counter, "http_responses_total", by: ["class"], "HTTP responses by class of status.")
    package static let refusals = Metric(
        .counter, "refusals_total", by: ["reason"], "Requests, packets and connections that were refused, by reason.")
    static let receivedBytes = Metric(.counter, "received_bytes_total", "Bytes received from clients.")
    static let sentBytes = Metric(.counter, "sent_bytes_total", "Bytes that the kernel accepted for clients.")
    static let recoveries = Metric(
        .counter, "recoveries_total", by: ["result"], "Claims to earlier sessions, by result.")

    static let ofMessages = [
        receivedPackets, receivedMessages, deliveries, deliveryBatches, acknowledgementTime, deliveryTime,
        ratePauses, historyPauses, slowReaders, historyPages, bytesInFlight, inputBytes, handshakeBytes,
    ]

    static let receivedPackets = Metric(
        .counter, "packets_received_total", "Packets received from clients, attachments counted each.")
    package static let receivedMessages = Metric(
        .counter, "messages_received_total", "Messages that clients sent to be stored.")
    package static let deliveries = Metric(
        .counter, "deliveries_total", by: ["kind"],
        "Messages and events times their recipients: live messages, events, and messages that clients caught up on.")
    static let ratePauses = Metric(
        .counter, "rate_pauses_total", "Times that reading from a client stopped because it exceeded its rate.")
    static let historyPauses = Metric(
        .counter, "history_pauses_total",
        "Times that a client had to wait for a page of the history, because it exceeded its rate of the history.")
    static let deliveryBatches = Metric(
        .counter, "delivery_batches_total",
        "Runs of messages or events that were encoded, each once for all its recipients.")
    package static let acknowledgementTime = Metric(
        .histogram, "acknowledgement_seconds",
        "Time from the receipt of a message to its queued acknowledgement.")
    package static let deliveryTime = Metric(
        .histogram, "delivery_seconds",
        "Time from the beginning of a message's commit until it is queued for a live client, for each of them.")
    static let slowReaders = Metric(
        .counter, "slow_readers_total", "Times that a client read too slowly to stay live.")
    static let historyPages = Metric(
        .counter, "history_pages_total", "Pages of messages that were read from the database for clients.")
    static let bytesInFlight = Metric(
        .gauge, "in_flight_bytes", "Size of the messages and events on their way to the hub.")
    static let inputBytes = Metric(
        .gauge, "input_bytes", "Size of unfinished input.")
    static let handshakeBytes = Metric(
        .gauge, "handshake_bytes", "Size of the headers and the auth that are kept for clients.")
}
