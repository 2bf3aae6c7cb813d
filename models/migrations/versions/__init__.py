"""One file a revision, `<number>_<what>.py`; the highest number is the newest."""
