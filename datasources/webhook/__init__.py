"""Systems that push signed deliveries to `POST /ingest/<source>`."""
