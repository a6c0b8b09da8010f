import Glibc
import Transport

StandardDescriptors.openMissing()
SignalSource.block([SIGTERM, SIGINT, SIGUSR1])
CommandLineInterface.run(Array(CommandLine.arguments.dropFirst()))
