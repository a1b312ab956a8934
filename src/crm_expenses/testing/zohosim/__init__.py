"""A simulator of Zoho CRM: an organisation, and a server that answers as the platform does.

It is built from what the platform's documents say, and it refuses what they say is refused. Where
they leave something open, `Switches` chooses.

    with ZohoSim() as sim:
        deal = sim.org.put("Deals", {"Deal_Name": "D-1", "Stage": "Closed Won"})
        ... sim.settings(), sim.environment() ...
"""

from crm_expenses.testing.zohosim.asking import Answer, Ask
from crm_expenses.testing.zohosim.faults import Fault, FaultPlan
from crm_expenses.testing.zohosim.holding import Change, OrgSettings
from crm_expenses.testing.zohosim.org import Org
from crm_expenses.testing.zohosim.refusal import RefusalError
from crm_expenses.testing.zohosim.schema import Field, Module, Type
from crm_expenses.testing.zohosim.server import Logged, ZohoSim
from crm_expenses.testing.zohosim.site import Site
from crm_expenses.testing.zohosim.switches import Switches

__all__ = [
    "Answer",
    "Ask",
    "Change",
    "Fault",
    "FaultPlan",
    "Field",
    "Logged",
    "Module",
    "Org",
    "OrgSettings",
    "RefusalError",
    "Site",
    "Switches",
    "Type",
    "ZohoSim",
]
