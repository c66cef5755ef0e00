"""localstripe, with the documented arguments that it does not take and the documented fields that it does not show. What
becomes of a payment is all its own."""

import sys

from aiohttp import web
from localstripe import errors, resources

PaymentIntent, Charge = resources.PaymentIntent, resources.Charge
create, capture = PaymentIntent._api_create.__func__, Charge._capture
respond = errors.UserError.to_response


def to_response(self):
    # Stripe documents another type for what the card's issuer refuses.
    if self.code == 402:
        self.body["error"]["type"] = "card_error"
    return respond(self)


def _api_create(cls, return_url=None, error_on_requires_action=None, **data):
    intent = create(cls, **data)
    if intent.next_action and return_url:
        url = f"https://hooks.stripe.com/redirect/{intent.id}"
        intent.next_action = {
            "type": "redirect_to_url",
            "redirect_to_url": {"url": url, "return_url": return_url},
        }
    return intent


def _capture(self, amount, on_success=None):
    capture(self, amount, on_success)
    self._taken = self.amount if amount is None else int(amount)


def amount_received(self):
    charge = self.latest_charge
    if charge is None or charge.status != "succeeded" or not charge.captured:
        return 0
    return getattr(charge, "_taken", charge.amount)


def amount_capturable(self):
    return self.amount if self.status == "requires_capture" else 0


def leaving_out(func):
    def call(id, metadata=None, cancellation_reason=None, **data):
        known = PaymentIntent._api_retrieve(id) if id.startswith("pi_") else None
        if known is not None and known.status == "canceled":
            told = {"code": "payment_intent_unexpected_state", "payment_intent": known._export()}
            raise resources.UserError(400, "This payment was canceled before.", told)
        done = func(id=id, **data)
        done.metadata.update(metadata or {})
        return done

    return call


errors.UserError.to_response = to_response
PaymentIntent._api_create = classmethod(_api_create)
PaymentIntent.amount_received = property(amount_received)
PaymentIntent.amount_capturable = property(amount_capturable)
Charge._capture = _capture
resources.extra_apis[:] = [
    (method, url, leaving_out(func) if url.endswith(("{id}/capture", "{id}/cancel")) else func)
    for method, url, func in resources.extra_apis
]

# Its routes are made when it is loaded.
from localstripe import server  # noqa: E402

resources.store.dump_to_disk = lambda: None
web.run_app(server.app, host="127.0.0.1", port=int(sys.argv[1]), print=None)
