"""How Magpie is run: on one machine (local), for show (demo), with compose."""
