"""An adapter for a small CRM over HTTP: `adapter = "tiny"` in the settings of crm_expenses."""

from tiny_crm.client import open_adapter

__all__ = ["open_adapter"]
