"""Translation: texts of profiles in the languages of their readers, by a worker of its own."""
