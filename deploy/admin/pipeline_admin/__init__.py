"""What operations do to a running pipeline: provision, agencies, parked records, resending, status."""
