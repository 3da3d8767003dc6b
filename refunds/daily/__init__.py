"""Daily reports: orders, sales, returns and refunds of each day, counted once a day and kept."""
