"""The demo tenant: a store with goods, mappings and orders against the sandbox, so that a newcomer sees a living panel."""
