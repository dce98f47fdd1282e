"""Fields that the library has, made to withstand whatever is typed into them."""

from wtforms import IntegerField

_MOST_DIGITS = 9


class WholeNumberField(IntegerField):
    """A whole number of at most nine digits; the library's own fails on four hundred."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Reads the number; a longer one is no number, as letters are none."""
        if valuelist and len(valuelist[0].strip().lstrip("+-")) > _MOST_DIGITS:
            self.data = None
            raise ValueError(self.gettext("Not a valid integer value."))
        super().process_formdata(valuelist)
