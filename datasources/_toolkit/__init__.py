"""What every connector stands on: the only HTTP client, times, texts, fields, bounded JSON and XML."""
