"""Settlement reports: fetched from Jet once a day and compared with our own orders, returns and refunds."""
