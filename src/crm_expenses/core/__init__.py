"""The pure part: facts, money, and how findings combine. Standard library only, no effects."""
