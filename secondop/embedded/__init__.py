"""Everything that runs the project on one machine: the commands of ./dev and the PostgreSQL server they bring along.

Nothing of the application imports this package, and it imports nothing of the application: it only starts it.
"""
