"""When certificates end that other programs show, the gateway's for example: what is served counts, not a file."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import Mapping, Sequence

from cryptography import x509

from . import metrics
from .logs import logger
from .loops import Backoff, run_forever

log = logger(__name__)
LOOK_SECONDS, ANSWER_SECONDS, AGAIN_SECONDS = 3600.0, 10.0, 30.0


class NotSeen(Exception):
    """Some addresses have shown no certificate. `errors`: the kind of error of each."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = errors


class CertificateWatch:
    """Looks once an hour, and soon again where an address does not answer; what was seen of it last stays."""

    def __init__(self, addresses: Sequence[str]) -> None:
        """Each is `host:port`."""
        self._addresses = addresses

    async def serve(self) -> None:
        """Runs until cancelled."""
        await run_forever(
            self._look,
            backoff=Backoff(AGAIN_SECONDS, LOOK_SECONDS),
            report=_report,
            catch=(NotSeen,),
        )

    async def _look(self) -> None:
        """Raises NotSeen after it has looked at all: one that is down must not hide the others."""
        errors: dict[str, str] = {}
        for address in self._addresses:
            try:
                metrics.certificate_ends.labels(address).set(await certificate_end(address))
            except (OSError, TimeoutError, ValueError) as error:
                errors[address] = type(error).__name__
        if errors:
            raise NotSeen(errors)
        await asyncio.sleep(LOOK_SECONDS)


def _report(error: BaseException) -> None:
    if isinstance(error, NotSeen):
        for address, kind in error.errors.items():
            log.info("certificate_not_seen", address=address, error=kind)


async def certificate_end(address: str) -> float:
    """Until when the certificate is valid that `host:port` shows, in Unix time. Raises OSError, TimeoutError, or
    ValueError if it shows none."""
    host, _, port = address.rpartition(":")
    # Only its date is read: one that has ended, or that no known authority signed, is what is looked for.
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    async with asyncio.timeout(ANSWER_SECONDS):
        _, writer = await asyncio.open_connection(host, int(port), ssl=context, server_hostname=host)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        if shown is None:
            raise ValueError(f"{address} shows no certificate")
        return x509.load_der_x509_certificate(shown).not_valid_after_utc.timestamp()
    finally:
        writer.close()


def addresses(setting: str) -> list[str]:
    """The addresses of a setting, with commas between."""
    return [address.strip() for address in setting.split(",") if address.strip()]
