"""The safety representative's share of a round's key."""

from wellbeing.domain.duties import Duty
from wellbeing.web.leader.pages import Page, blueprint
from wellbeing.web.shared.rate_limits import FAILURES_PER_ACCOUNT, limiter, was_refused
from wellbeing.web.support_pages.key_desk import key_page, whose_key


@blueprint.route("/teams/keys", methods=["GET", "POST"])
@limiter.limit(FAILURES_PER_ACCOUNT, key_func=whose_key, methods=["POST"], deduct_when=was_refused)
def keys() -> Page:
    """One's key, and the rounds that wait for it."""
    return key_page(Duty.SAFETY_REPRESENTATIVE, "leader/keys.html")
