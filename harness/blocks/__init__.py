"""What layers are made of: reading, retries, keys, identity, durable storage, inbox, sequencer, journal, queues."""
