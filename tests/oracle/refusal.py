"""The one way to say no."""


class Refusal(Exception):
    """An input is refused, with the reason code that the specification names."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code
