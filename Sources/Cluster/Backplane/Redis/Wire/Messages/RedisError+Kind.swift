extension RedisError {
    /// The errors that programs tell apart.
    package enum Kind: Equatable, Sendable {
        /// This command alone must be sent to another server, after ASKING (Redis cluster specification).
        case ask(RedisRedirection)
        /// The user is not authenticated.
        case authenticationRequired
        /// A script runs for too long.
        case busy
        /// The cluster does not serve the slot, or is down.
        case clusterDown
        /// The keys are in several slots.
        case crossSlot
        /// The server loads its data after a start.
        case loading
        /// A replica has lost its master, and is configured not to answer then.
        case masterDown
        /// Another server has the slot (Redis cluster specification).
        case moved(RedisRedirection)
        /// The user may not use the command, a key or a channel.
        case noPermission
        /// The server does not have the script, so it must be sent again.
        case noScript
        case other
        /// The server has reached its limit of memory.
        case outOfMemory
        /// A server without a password refuses connections from other hosts.
        case protectedMode
        /// The server is a replica, for example after a failover.
        case readOnly
        case tooManyClients
        /// The keys of the command are at two servers while a slot moves.
        case tryAgain
        case unknownCommand
        /// The server does not speak the version of the protocol.
        case unknownProtocol
        /// The user is unknown or disabled, or the password is wrong.
        case wrongPassword
    }
}
