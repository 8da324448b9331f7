"""After the table: who was there, what each side writes down, and what became of it (docs/rules.md, section 8)."""
