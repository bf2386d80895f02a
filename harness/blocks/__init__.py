"""What layers are made of: reading, retries, keys, identity, inbox, sequencer, journal, queues, batches, a façade."""
