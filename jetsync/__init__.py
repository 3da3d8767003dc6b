"""jetsync: the panel between a merchant's store and the Jet.com marketplace."""
