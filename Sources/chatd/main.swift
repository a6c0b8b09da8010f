import Glibc
import Transport

SignalSource.block([SIGTERM, SIGINT, SIGUSR1])
CommandLineInterface.run(Array(CommandLine.arguments.dropFirst()))
