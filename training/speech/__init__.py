"""Speech to train and measure with: synthesised, recorded, changed and sent through a telephone line."""
