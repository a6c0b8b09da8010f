import Glibc
import Transport

// First of all: a reader of the log or of the output that has gone must not end the process.
signal(SIGPIPE, SIG_IGN)
// A log that has reached the greatest size of a file is an error like others, not the end of the process.
signal(SIGXFSZ, SIG_IGN)
StandardDescriptors.openMissing()
LastWords.sayAtBusError()
ResourceLimits.raiseDescriptors()
SignalSource.block([SIGTERM, SIGINT, SIGUSR1])
CommandLineInterface.run(ProcessArguments.read())
