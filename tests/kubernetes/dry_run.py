"""Let Snakemake plan a build on Kubernetes, with a stand-in for the object storage.

`make kubernetes`. No cluster is asked: this shows that the profile is understood, that every file
has its place in the bucket, and which jobs would be sent.
"""

import argparse
import logging
import os
import subprocess
import sys
from pathlib import Path

import boto3
from moto.server import ThreadedMotoServer

ROOT = Path(__file__).parents[2]
BUCKET = "living-review"
# The stand-in takes any key.
KEY = {"aws_access_key_id": "any", "aws_secret_access_key": "any", "region_name": "us-east-1"}


def upload(endpoint: str) -> int:
    """Put the committed files into the bucket, as a user would before a build; count them."""
    storage = boto3.client("s3", endpoint_url=endpoint, **KEY)
    storage.create_bucket(Bucket=BUCKET)
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=True)
    files = listed.stdout.decode().strip("\0").split("\0")
    for file in files:
        storage.upload_file(str(ROOT / file), BUCKET, file)
    return len(files)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--review", default="second_responder")
    review = parser.parse_args().review
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    endpoint = "http://{}:{}".format(*server.get_host_and_port())
    try:
        count = upload(endpoint)
        run = subprocess.run(
            [
                *(sys.executable, "-m", "snakemake", "--profile", "profiles/kubernetes"),
                *("--dry-run", "--config", f"review={review}"),
            ],
            cwd=ROOT,
            env=os.environ
            | {
                "SNAKEMAKE_STORAGE_S3_ENDPOINT_URL": endpoint,
                "SNAKEMAKE_STORAGE_S3_ACCESS_KEY": KEY["aws_access_key_id"],
                "SNAKEMAKE_STORAGE_S3_SECRET_KEY": KEY["aws_secret_access_key"],
            },
            capture_output=True,
            text=True,
        )
    finally:
        server.stop()
    told = run.stdout + run.stderr
    if run.returncode != 0:
        sys.exit(told[-3000:])
    table = told.partition("Job stats:")[2].partition("\n\n")[0]
    print(f"{count} committed files in the bucket {BUCKET}; what would run:{table}")


if __name__ == "__main__":
    main()
