"""What `roomtone bench` measures, each thing in a process of its own. Knows no option and prints nothing."""
