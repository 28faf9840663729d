"""What the benchmark of the service is made of: the payments that are sent, the sender, and the bare parts."""
