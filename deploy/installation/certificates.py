"""The certificates of an installation: an authority of its own, and one for each thing that serves TLS."""

from __future__ import annotations

import datetime as dt
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

AUTHORITY_DAYS, SERVER_DAYS = 3650, 397
CLOCK_SKEW = dt.timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Pair:
    """A certificate with its private key, both as PEM."""

    certificate: str
    key: str


def authority(now: dt.datetime) -> Pair:
    """A new authority. Who trusts its certificate trusts what it signs; its key stays with the operator."""
    key, name = ec.generate_private_key(ec.SECP256R1()), _name("Magpie authority")
    builder = _builder(name, name, key, now, AUTHORITY_DAYS).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    return _pair(builder.sign(key, hashes.SHA256()), key)


def server(by: Pair, hosts: Sequence[str], now: dt.datetime) -> Pair:
    """A certificate for these host names and addresses, signed by an authority, whose certificate follows it."""
    signer = x509.load_pem_x509_certificate(by.certificate.encode())
    signing_key = serialization.load_pem_private_key(by.key.encode(), None)
    assert isinstance(signing_key, ec.EllipticCurvePrivateKey)
    key = ec.generate_private_key(ec.SECP256R1())
    names = x509.SubjectAlternativeName([_alternative(host) for host in hosts])
    builder = (
        _builder(_name(hosts[0]), signer.subject, key, now, SERVER_DAYS)
        .add_extension(names, critical=False)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(signing_key.public_key()),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
    )
    found = _pair(builder.sign(signing_key, hashes.SHA256()), key)
    return Pair(found.certificate + by.certificate, found.key)


def names(certificate: str) -> list[str]:
    """The host names and addresses that a certificate (PEM, a key may be before it) is for; none where the text has no
    certificate that can be read."""
    if (leaf := _leaf(certificate)) is None:
        return []
    try:
        found = leaf.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except (x509.ExtensionNotFound, ValueError):
        return []
    return [str(name.value) for name in found if isinstance(name, x509.DNSName | x509.IPAddress)]


def is_signed_by(certificate: str, by: Pair) -> bool:
    """Whether this authority has signed the certificate."""
    if (leaf := _leaf(certificate)) is None:
        return False
    try:
        leaf.verify_directly_issued_by(x509.load_pem_x509_certificate(by.certificate.encode()))
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def canonical(host: str) -> str:
    """A host name or an address in the form in which a certificate has it."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        return host.lower()


def _leaf(certificate: str) -> x509.Certificate | None:
    try:
        return x509.load_pem_x509_certificates(certificate.encode())[0]
    except ValueError:
        return None


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, now: dt.datetime, days: int
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - CLOCK_SKEW)
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
    )


def _pair(certificate: x509.Certificate, key: ec.EllipticCurvePrivateKey) -> Pair:
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return Pair(certificate.public_bytes(serialization.Encoding.PEM).decode(), private.decode())


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _alternative(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)
