import Glibc
import Transport

// This must come first: writing to a closed log or output must not end the process.
signal(SIGPIPE, SIG_IGN)
// Exceeding the file size limit must be a write error and must not end the process.
signal(SIGXFSZ, SIG_IGN)
StandardDescriptors.openMissing()
BusErrorReport.install()
ResourceLimits.raiseDescriptors()
SignalSource.block([SIGTERM, SIGINT, SIGUSR1])
CommandLineInterface.run(ProcessArguments.read())
