"""Test keys to live: the steps that exercise each group of Jet's API, their rehearsal, the lock and the switch."""
