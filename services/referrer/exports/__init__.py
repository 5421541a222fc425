"""A takedown request comes in; the same request in a form that others read goes out: XARF, statement of reasons, paper, plain text."""
