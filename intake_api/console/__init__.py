"""The console: pages that operators, supervisors and administrators work in; rendered here, no build step."""
