"""Figures over many claims, and the pages and charts that show them."""
