"""What callers say: vocabulary, readings, and a pruned word trigram."""
