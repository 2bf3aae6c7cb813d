"""Who asks, and may they: rights, passwords, browser sessions, tokens, CSRF and the guard against guessing."""
