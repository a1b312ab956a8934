"""The policy: its language, its kinds of rule, and its readings. Pure; nothing here acts."""
