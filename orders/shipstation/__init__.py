"""ShipStation as a custom store of each merchant: orders go out as XML, tracking numbers come back."""
