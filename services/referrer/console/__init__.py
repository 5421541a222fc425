"""The console of the desk: pages for people, rendered here, usable without scripts; every rule stays in the desk's own methods."""
