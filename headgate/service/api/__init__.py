"""The HTTP API: one file a resource. Requests of programs come in, JSON goes out; pages live in `web`."""
