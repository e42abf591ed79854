"""Which experiment is best, without the luck of the choice."""
