"""What is wrong with the photos and their labels: suspected labels, outliers, shortcuts and odd photos."""
