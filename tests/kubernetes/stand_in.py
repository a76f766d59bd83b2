"""A stand-in for object storage on this machine, with the files of a build in it."""

import logging
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.client import BaseClient
from moto.server import ThreadedMotoServer

BUCKET = "living-review"
# The stand-in takes any key.
KEY = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": "us-east-1"}


@dataclass(frozen=True)
class StandIn:
    """Object storage, and what a build that uses it has in its environment."""

    client: BaseClient
    settings: dict[str, str]

    def download(self, prefix: str, folder: Path) -> None:
        """Get all objects whose name starts so, below a folder."""
        for page in self.client.get_paginator("list_objects_v2").paginate(
            Bucket=BUCKET, Prefix=prefix
        ):
            for entry in page.get("Contents", []):
                path = folder / entry["Key"]
                path.parent.mkdir(parents=True, exist_ok=True)
                self.client.download_file(BUCKET, entry["Key"], str(path))


@contextmanager
def object_storage(root: Path, files: Iterable[str]) -> Iterator[StandIn]:
    """Serve a bucket that holds files, as a user would put them there before a build."""
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    try:
        client = boto3.client("s3", endpoint_url=endpoint, **KEY)
        client.create_bucket(Bucket=BUCKET)
        for file in files:
            client.upload_file(str(root / file), BUCKET, file)
        settings = {
            "SNAKEMAKE_STORAGE_S3_ENDPOINT_URL": endpoint,
            "SNAKEMAKE_STORAGE_S3_ACCESS_KEY": KEY["aws_access_key_id"],
            "SNAKEMAKE_STORAGE_S3_SECRET_KEY": KEY["aws_secret_access_key"],
        }
        yield StandIn(client, settings)
    finally:
        server.stop()
