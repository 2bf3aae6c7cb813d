"""The four processes, each `run(settings, stop)`; which one runs is said on its command line."""
