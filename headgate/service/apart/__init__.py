"""A service in two processes: one decides, the other answers requests, so that each has a core of its own."""
