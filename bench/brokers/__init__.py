"""Real brokers as processes of their own, on the loopback address: for benchmarks and for tests marked `outside`."""
