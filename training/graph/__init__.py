"""The decoding graph: grammar, lexicon and phone states in one transducer."""
