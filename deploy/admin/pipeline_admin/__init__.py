"""The operators' commands on a running pipeline: provision, agencies, parked records, resending, status."""
