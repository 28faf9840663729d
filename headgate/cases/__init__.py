"""Cases: what belongs together is read together. One ring, one case."""
