"""What a policy asks of an employee."""

from trytond.pool import PoolMeta

from .words import Words


class Employee(metaclass=PoolMeta):
    """What a policy may look at beside an employee's own fields."""

    __name__ = "company.employee"

    crm_grade = Words("Grade")
    crm_team = Words("Team")
    crm_city = Words("City")
