"""What the merchant sells: products, mapping to Jet's taxonomy, and what Jet should have, has taken and shows."""
