import Glibc
import Transport

StandardDescriptors.openMissing()
// A log that has reached the greatest size of a file is an error like others, not the end of the process.
signal(SIGXFSZ, SIG_IGN)
// Each connection takes a descriptor; what a shell allows at first is far below what it may.
ResourceLimits.raiseDescriptors()
SignalSource.block([SIGTERM, SIGINT, SIGUSR1])
CommandLineInterface.run(Array(CommandLine.arguments.dropFirst()))
