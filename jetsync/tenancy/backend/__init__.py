"""PostgreSQL with the third lock: the database itself shows a connection the rows of one merchant."""
