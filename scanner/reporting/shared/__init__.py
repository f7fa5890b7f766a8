"""What the reporters share: safe source text, summaries, advice, and hashes of lines."""
