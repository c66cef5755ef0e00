"""What gateways' own libraries, and of PayU somebody else's, say of signatures: a request a line in JSON, an answer a line."""

import asyncio
import base64
import contextlib
import json
import logging
import sys
import types

import Adyen
import stripe
from getpaid_core.exceptions import InvalidCallbackError
from getpaid_payu.processor import PayUProcessor
from OpenSSL import crypto
from paypalrestsdk import WebhookEvent
from square.utils import webhooks_helper


def stripe_signs(payload, secret, at):
    return stripe.WebhookSignature.generate_signature_header(payload, secret, at)


def stripe_takes(payload, header, secret):
    try:
        return bool(stripe.WebhookSignature.verify_header(payload, header, secret, None))
    except stripe.SignatureVerificationError:
        return False


def adyen_signs(item, key):
    return Adyen.util.generate_notification_sig(item, key).decode()


def adyen_takes(notification, key):
    return bool(Adyen.util.is_valid_hmac_notification(notification, key))


def square_takes(body, header, key, url):
    return bool(
        webhooks_helper.verify_signature(
            request_body=body, signature_header=header, signature_key=key, notification_url=url
        )
    )


def paypal_signs(transmission_id, timestamp, webhook_id, event_body, key):
    message = WebhookEvent._get_expected_sig(transmission_id, timestamp, webhook_id, event_body)
    private = crypto.load_privatekey(crypto.FILETYPE_PEM, key)
    return base64.b64encode(crypto.sign(private, message.encode(), "sha256")).decode()


def paypal_takes(headers, webhook_id, event_body, chain, root):
    """All of the library's own checks, of a certificate that need not be fetched and of another authority."""
    end = "-----END CERTIFICATE-----"
    own, *between = [
        crypto.load_certificate(crypto.FILETYPE_PEM, part + end) for part in chain.split(end)[:-1]
    ]
    store = crypto.X509Store()
    for certificate in (*between, crypto.load_certificate(crypto.FILETYPE_PEM, root)):
        store.add_cert(certificate)
    WebhookEvent._get_cert = staticmethod(lambda url: own)
    WebhookEvent._get_certificate_store = classmethod(lambda cls: store)
    told = {name.lower(): value for name, value in headers}
    # What the library prints when it refuses is no answer of ours.
    with contextlib.redirect_stdout(sys.stderr):
        return WebhookEvent.verify(
            told["paypal-transmission-id"],
            told["paypal-transmission-time"],
            webhook_id,
            event_body,
            told["paypal-cert-url"],
            told["paypal-transmission-sig"],
            told["paypal-auth-algo"],
        )


def payu_takes(body, name, header, key):
    payment = types.SimpleNamespace(id="judged")
    processor = PayUProcessor(payment, {"second_key": key})
    logging.disable(logging.CRITICAL)
    try:
        asyncio.run(processor.verify_callback({}, {name: header}, raw_body=body))
    except InvalidCallbackError:
        return False
    return True


JUDGES = {
    judge.__name__: judge
    for judge in (
        stripe_signs,
        stripe_takes,
        adyen_signs,
        adyen_takes,
        square_takes,
        paypal_signs,
        paypal_takes,
        payu_takes,
    )
}

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(JUDGES[asked.pop("judge")](**asked)))
