"""What layers are made of: retries, keys, identity, durable storage, inbox, sequencer, journal, queues, a façade."""
