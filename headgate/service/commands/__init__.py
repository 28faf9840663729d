"""What the writer can be asked, one file a command.

A command first checks, and then nothing has changed; after that it folds, and then it cannot fail. What it adds is
staged until the group is committed. Nothing here reads a clock, a file or a queue.
"""
