"""Everything that can go wrong with a sync, from a seed: the real engine in a simulated world."""

from crm_expenses.testing.simulation.process import BrittleStore, Workshop
from crm_expenses.testing.simulation.running import Outcome, Simulation, simulate
from crm_expenses.testing.simulation.world import Scenario

__all__ = ["BrittleStore", "Outcome", "Scenario", "Simulation", "Workshop", "simulate"]
