"""Promote, deploy, take back."""
