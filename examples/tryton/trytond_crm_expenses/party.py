"""Parties that are customers: those who have an account manager."""

from trytond.model import fields
from trytond.pool import PoolMeta

from .words import Words


class Party(metaclass=PoolMeta):
    """What an account has beside a party's own fields."""

    __name__ = "party.party"

    crm_owner = Words("Account manager", help="The code of the employee's party")
    crm_industry = Words("Industry")
    crm_city = Words("City")
    crm_since = fields.Date("Customer since")
