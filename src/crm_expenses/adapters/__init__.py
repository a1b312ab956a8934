"""One folder a CRM: each turns a vendor's records into core values and back."""
