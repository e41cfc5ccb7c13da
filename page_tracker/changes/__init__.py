"""Changes by the owner: correct, delete, rename or merge what has been counted."""
