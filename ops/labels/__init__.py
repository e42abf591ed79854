"""The page on which a person decides on suspected labels."""
