"""The partner portal: what a merchant, a shopper and Jet itself would do by hand, in a browser."""
