"""Writes the official descriptors of the services that we speak, with all that they import, as one FileDescriptorSet.

Usage: dump-descriptors.py PACKAGES_DIR OUT_FILE
"""

import importlib
import sys

MODULES = [
    "envoy.service.accesslog.v3.als_pb2",
    "envoy.service.auth.v3.external_auth_pb2",
    "envoy.service.ext_proc.v3.external_processor_pb2",
    "envoy.service.ratelimit.v3.rls_pb2",
    "grpc_health.v1.health_pb2",
]

packages, out = sys.argv[1:]
sys.path.insert(0, packages)

from google.protobuf import descriptor_pb2  # noqa: E402  (the path above decides which one)

written = {}


def write(file):
    """Adds a file after everything that it imports."""
    if file.name in written:
        return
    for dependency in file.dependencies:
        write(dependency)
    written[file.name] = descriptor_pb2.FileDescriptorProto()
    file.CopyToProto(written[file.name])


for module in MODULES:
    write(importlib.import_module(module).DESCRIPTOR)

with open(out, "wb") as target:
    target.write(descriptor_pb2.FileDescriptorSet(file=written.values()).SerializeToString())
