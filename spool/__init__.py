"""The spool: one folder a call, the only thing that hearing (left) and keeping (right) share.

`audio.wav` and `events.jsonl` are append-only. This room defines their form and imports no other.
"""
