"""Images that a network takes for ideal members of a class."""
