"""The streams: what a broker hands in is put to the writer, and what the writer answers is handed back.

Messages are the JSON of the HTTP API; nothing here decides, and nothing is settled with a broker before it is on disk.
"""
