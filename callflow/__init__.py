"""What the caller hears and is asked, and the folder that every call leaves behind."""
