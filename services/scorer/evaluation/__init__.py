"""How the scorer is judged: held-out data, the functional suite, and the model card made of both."""
