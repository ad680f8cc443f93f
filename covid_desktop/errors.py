"""What the program says when something is wrong: what happened, and what to do."""


class UserError(Exception):
    """Something the user can mend.

    ``what`` says what happened and ``fix`` what to do about it, each a sentence; ``details`` are for
    whoever mends the program.
    """

    def __init__(self, what: str, fix: str = "", details: str = "") -> None:
        super().__init__(f"{what} {fix}".strip())
        self.what = what
        self.fix = fix
        self.details = details


class ImageError(UserError):
    """One image that cannot be read; ``what`` is the reason, without the file's name."""


class DatasetError(UserError):
    """A folder that cannot be used as a data set."""


class ModelError(UserError):
    """A file that cannot be used as a model."""


class Stopped(Exception):
    """The user stopped a job before it had a result."""


class Interrupted(Stopped):
    """The program ends: a job that can be resumed another time leaves what it has for that."""
