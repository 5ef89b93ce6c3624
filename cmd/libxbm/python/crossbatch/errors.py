"""What can go wrong, beside the usual ValueError and TypeError."""


class ShapeError(ValueError):
    """Sizes that do not fit."""


class StateError(ValueError):
    """A state that is damaged, or of another kind of memory."""


class DivergedError(ArithmeticError):
    """An embedding that is not a finite number: the training has diverged."""


class InternalError(RuntimeError):
    """A mistake in the library: please report it."""
