"""The translation service: texts of profiles in the languages of their readers."""
