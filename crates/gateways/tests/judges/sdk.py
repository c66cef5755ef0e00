"""What gateways' own libraries say of signatures: a request a line in JSON, an answer a line."""

import json
import sys

import Adyen
import stripe
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


JUDGES = {
    judge.__name__: judge
    for judge in (stripe_signs, stripe_takes, adyen_signs, adyen_takes, square_takes)
}

for line in sys.stdin:
    asked = json.loads(line)
    print(json.dumps(JUDGES[asked.pop("judge")](**asked)))
