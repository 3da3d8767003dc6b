"""What a mail says and how it looks: the kinds that apps declare, and the two texts of a letter."""
