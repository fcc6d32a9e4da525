"""The subcommands of `roomtone`, one a file. They ask the studio and print; they make no sound themselves."""
