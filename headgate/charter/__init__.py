"""What headgate may be used for and what may enter it, enforced where data, models and scenarios come in."""
