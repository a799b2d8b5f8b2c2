"""Parts as objects of a bucket: <prefix>/<case>/<file>/<number>.part, on any server that speaks S3."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import lru_cache
from typing import Any, NamedTuple, NoReturn
from urllib.parse import parse_qs, unquote, urlsplit
from uuid import UUID

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from storages.backends.s3 import S3Storage

from ..errors import Damaged, StorageDown, StorageFull
from .base import Lying
from .disk import SUFFIX, is_uuid

# A server that is silent costs a page two tries of so long, and no more than ten seconds in all.
CONNECT_SECONDS, READ_SECONDS, TRIES = 1, 4, 2
FULL = {"XMinioStorageFull", "QuotaExceeded", "InsufficientStorage", "XMinioAdminBucketQuotaExceeded", "ServiceQuotaExceededException"}
PROBE = "ready"


class Address(NamedTuple):
    """What VAULT_S3_URL says: ``https://KEY:SECRET@HOST/BUCKET/PREFIX?region=R&style=path``."""

    endpoint: str
    bucket: str
    prefix: str
    key: str | None
    secret: str | None
    region: str | None
    style: str


def address(url: str) -> Address:
    """Take VAULT_S3_URL apart. Raises ``ValueError`` with what is wrong, without the secret."""
    try:
        parts = urlsplit(url)
        port = f":{parts.port}" if parts.port else ""
    except ValueError:
        raise ValueError("it is no address") from None
    bucket, _, prefix = parts.path.strip("/").partition("/")
    asked = {name: values[0] for name, values in parse_qs(parts.query).items()}
    faults = {
        "it begins with neither https:// nor http://": parts.scheme not in ("https", "http"),
        "it names no host": not parts.hostname,
        "it names no bucket": not bucket,
        "a key and its secret go together": bool(parts.username) != bool(parts.password),
        "it asks for something unknown": bool(set(asked) - {"region", "style"}),
        "style is path or virtual": asked.get("style", "path") not in ("path", "virtual"),
    }
    for fault, found in faults.items():
        if found:
            raise ValueError(fault)
    key, secret = (unquote(text) if text else None for text in (parts.username, parts.password))
    host = f"[{parts.hostname}]" if ":" in str(parts.hostname) else parts.hostname
    return Address(f"{parts.scheme}://{host}{port}", bucket, prefix, key, secret, asked.get("region"), asked.get("style", "path"))


class Sealed(S3Storage):
    """django-storages' connections to the bucket, one for each thread, and none of its addresses."""

    def url(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Files of the vault have no address."""
        raise RuntimeError("Files leave the vault by a view that checks who asks.")


@lru_cache(maxsize=4)
def bucket(url: str) -> "Bucket":
    """The store of a VAULT_S3_URL, made once for each process. Raises ``ValueError``."""
    return Bucket(address(url))


class Bucket:
    """The store in a bucket; see ``Store`` for what its methods do."""

    def __init__(self, at: Address) -> None:
        self.prefix = f"{at.prefix}/" if at.prefix else ""
        config = Config(
            connect_timeout=CONNECT_SECONDS,
            read_timeout=READ_SECONDS,
            retries={"total_max_attempts": TRIES, "mode": "standard"},
            s3={"addressing_style": at.style},
            signature_version="s3v4",
        )
        self.storage = Sealed(
            bucket_name=at.bucket,
            endpoint_url=at.endpoint,
            access_key=at.key,
            secret_key=at.secret,
            region_name=at.region or "us-east-1",
            client_config=config,
        )

    def begin(self, case_uid: UUID, file_uid: UUID) -> None:
        """Nothing to do: a bucket has no folders."""

    def write(self, case_uid: UUID, file_uid: UUID, index: int, sealed: bytes) -> None:
        """Put one object; the server keeps it whole or not at all, and checks its sum."""
        with _trouble():
            self._objects.Object(self._name(case_uid, file_uid, index)).put(Body=sealed, ContentType="application/octet-stream")

    def settle(self, case_uid: UUID, file_uid: UUID) -> None:
        """Nothing to do: an object that was put is kept."""

    def read(self, case_uid: UUID, file_uid: UUID, index: int, length: int) -> bytes:
        """Get one object, and no more of it than it should have."""
        with _trouble():
            try:
                answer = self._objects.Object(self._name(case_uid, file_uid, index)).get()
            except ClientError as error:
                if error.response["Error"]["Code"] in ("NoSuchKey", "404"):
                    raise Damaged(f"{index}{SUFFIX} is missing") from None
                raise
            with answer["Body"] as body:
                if answer["ContentLength"] != length:
                    raise Damaged(f"{index}{SUFFIX} has the wrong length")
                return body.read()

    def remove(self, case_uid: UUID, file_uid: UUID | None = None) -> None:
        """Delete the objects below a name; what a server that is away keeps is collected later."""
        found = self._objects.objects.filter(Prefix=self._name(case_uid, file_uid))
        with suppress(StorageDown), _trouble():
            try:
                found.delete()  # a thousand in a request
            except ClientError:  # some servers do not know that request
                for item in found:
                    item.delete()

    def sizes(self, case_uid: UUID, file_uid: UUID) -> dict[int, int]:
        """List the objects of the file."""
        prefix = self._name(case_uid, file_uid)
        with _trouble():
            names = {item.key.removeprefix(prefix): item.size for item in self._objects.objects.filter(Prefix=prefix)}
        return {int(name.removesuffix(SUFFIX)): size for name, size in names.items() if name.endswith(SUFFIX)}

    def lying(self) -> Iterator[Lying]:
        """List the whole bucket; the parts of a file come one after the other."""
        found: Lying | None = None
        with _trouble():
            for item in self._objects.objects.filter(Prefix=self.prefix):
                case, _, rest = item.key.removeprefix(self.prefix).partition("/")
                file = rest.partition("/")[0]
                if not (is_uuid(case) and is_uuid(file)):
                    continue
                here = Lying(UUID(case), UUID(file), item.last_modified)
                if found and found[:2] != here[:2]:
                    yield found
                    found = None
                found = _later(found, here)
        if found:
            yield found

    def try_out(self) -> None:
        """Put a few bytes, always under the same name."""
        with _trouble():
            self._objects.Object(f"{self.prefix}{PROBE}").put(Body=b"ready")

    @property
    def _objects(self) -> Any:
        return self.storage.bucket

    def _name(self, case_uid: UUID, file_uid: UUID | None = None, index: int | None = None) -> str:
        name = f"{self.prefix}{case_uid}/"
        if file_uid:
            name += f"{file_uid}/"
        return name if index is None else f"{name}{index}{SUFFIX}"


def _later(one: Lying | None, two: Lying) -> Lying:
    return two if one is None or two.changed_at > one.changed_at else one


@contextmanager
def _trouble() -> Iterator[None]:
    """Turn what the library raises into the vault's own errors; addresses and keys stay out of their words."""
    try:
        yield
    except ClientError as error:
        code = str(error.response.get("Error", {}).get("Code", ""))
        if code in FULL:
            raise StorageFull("No room is left in the vault.") from None
        raise StorageDown(f"The vault's bucket refuses: {code}") from None
    except BotoCoreError as error:
        raise StorageDown(f"The vault's bucket does not answer: {type(error).__name__}") from None
