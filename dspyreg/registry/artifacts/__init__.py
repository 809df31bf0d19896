"""Files of programs: collected, inspected, stored, compared and checked out."""
