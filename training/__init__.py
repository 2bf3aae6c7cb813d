"""Builds the bundled Mandarin telephone model: text and speech in, a folder that stock vosk loads out."""
