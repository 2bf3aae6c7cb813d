"""The acoustic network: training, alignment and the file Kaldi reads."""
