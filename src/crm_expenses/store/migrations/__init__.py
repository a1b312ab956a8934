"""The tables of each version of the store, as steps from the version before.

A step is never changed once it was released, and imports nothing that will change: what is made
from the rows by today's code (`store.links.rebuild`) is made after the last step.
"""
