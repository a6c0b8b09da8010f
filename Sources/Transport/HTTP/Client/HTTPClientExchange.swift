/// One request to a service, over a connection of its own. Everything happens on the loop.
///
/// A connection that is used once needs no rules for stale connections and repeated requests. The service is meant to
/// be near, so that a new connection costs little.
package final class HTTPClientExchange {
    /// The reason why there is no response.
    package enum Failure: Error, Sendable, Equatable, CustomStringConvertible {
        /// The whole exchange has taken longer than its time.
        case timedOut(connected: Bool)
        /// No connection could be opened, or it has failed.
        case connection(String)
        case response(HTTPResponseError)
        /// This side has given up.
        case cancelled

        package var description: String {
            switch self {
            case .timedOut(let connected): connected ? "no complete response in time" : "no connection in time"
            case .connection(let reason): reason
            case .response(let error): "\(error)"
            case .cancelled: "the request was given up"
            }
        }
    }

    private let loop: EventLoop
    private let request: [UInt8]
    private var parser: HTTPResponseParser
    private var addresses: ArraySlice<SocketAddress> = []
    private var socket: OutgoingConnection?
    private var isConnected = false
    private var timer: EventLoop.TimerToken?
    /// Nil after the end.
    private var completion: ((Result<HTTPClientResponse, Failure>) -> Void)?

    /// Begins the time of the exchange. ``connect(to:)`` has to follow.
    /// - Parameters:
    ///   - request: the bytes to send.
    ///   - deadline: the end of the time for the connection, the request and the response together.
    ///   - completion: called once, perhaps during ``connect(to:)``. It is released afterwards.
    package init(
        _ request: [UInt8], limits: HTTPLimits = HTTPResponseParser.standardLimits,
        deadline: ContinuousClock.Instant, on loop: EventLoop,
        completion: @escaping (Result<HTTPClientResponse, Failure>) -> Void
    ) {
        self.loop = loop
        self.request = request
        self.completion = completion
        parser = HTTPResponseParser(limits: limits)
        // The loop retains this object until the end of the exchange.
        timer = loop.startTimer(at: deadline, self)
    }

    /// True once the completion has been called.
    var hasEnded: Bool { completion == nil }

    /// Connects to the first of the addresses that accepts, and sends the request to it.
    package func connect(to addresses: [SocketAddress]) {
        self.addresses = addresses[...]
        connectToNext(after: "it has no address")
    }

    /// There is no address to connect to.
    package func fail(_ reason: String) {
        end(.failure(.connection(reason)))
    }

    /// Gives up. The completion is called.
    package func cancel() {
        end(.failure(.cancelled))
    }

    private func connectToNext(after reason: String) {
        var reason = reason
        while completion != nil, let address = addresses.popFirst() {
            do throws(SystemError) {
                socket = try OutgoingConnection(to: address, on: loop, handler: self)
                return
            } catch {
                reason = "\(address): \(error)"
            }
        }
        end(.failure(.connection(reason)))
    }

    private func end(_ result: Result<HTTPClientResponse, Failure>) {
        guard let completion else { return }
        self.completion = nil
        if let timer { loop.cancelTimer(timer) }
        timer = nil
        // Nothing more is to be sent or received, also not if the service has not taken the whole request.
        socket?.reset()
        socket = nil
        completion(result)
    }
}

extension HTTPClientExchange: OutgoingConnectionHandler {
    package func connectionOpened() {
        isConnected = true
        socket?.send(request)
    }

    package func connectionRead(_ bytes: RawSpan) {
        do throws(HTTPResponseError) {
            if let response = try parser.receive(bytes) { end(.success(response)) }
        } catch {
            end(.failure(.response(error)))
        }
    }

    package func connectionEnded(_ reason: String) {
        socket = nil
        // A request that was sent is not repeated elsewhere.
        guard isConnected else { return connectToNext(after: reason) }
        do throws(HTTPResponseError) {
            end(.success(try parser.ended()))
        } catch {
            end(.failure(error == .incomplete ? .connection(reason) : .response(error)))
        }
    }
}

extension HTTPClientExchange: TimerTarget {
    package func timerFired(at now: ContinuousClock.Instant) {
        timer = nil
        end(.failure(.timedOut(connected: isConnected)))
    }

    package func loopEnded() {
        timer = nil
        end(.failure(.cancelled))
    }
}
