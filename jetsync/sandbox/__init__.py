"""A Jet.com look-alike: its own process, settings and SQLite file. It imports nothing else of the project.

Start it with `python -m jetsync.sandbox --bind 127.0.0.1:8099 --account USER:SECRET`; README.md beside this file
lists every choice made where the protocol notes are silent, and the switch that changes it.
"""
