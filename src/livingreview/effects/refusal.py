"""How a step says that it gives no answer, and why."""


class Refusal(Exception):
    """A model or analysis that these studies cannot inform; its text is the reason."""
