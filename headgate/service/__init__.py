"""The service: HTTP API and workbench over one writer that owns the state."""
