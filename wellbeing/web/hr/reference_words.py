"""What choosing a sample means, to whoever chooses it."""

from wellbeing.domain.own_reference import OWN_REFERENCE_ID
from wellbeing.web.shared.i18n import LazyText, _

MEANINGS: dict[str, LazyText] = {
    "pooled-30-studies": _(
        "The widest there is: staff who help others, put together from many studies. Its averages "
        "for strain are low, so more units are found to lie clearly above."
    ),
    "us-teachers": _(
        "One small sample of another profession. Its averages for strain are higher, so fewer "
        "units are found to lie clearly above."
    ),
    OWN_REFERENCE_ID: _(
        "This answers another question: which units lie above the rest of the organisation. Where "
        "everybody is strained, nobody lies above, and no suggestion comes. So look at a published "
        "sample as well before you lean on it. The averages are kept as they stand on the day you "
        "choose."
    ),
}
