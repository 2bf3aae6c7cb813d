"""The program: command line, supervisor, and the only place that names which concrete classes run."""
