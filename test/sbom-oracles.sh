#!/bin/sh
# Fetches the JSON schema of SPDX 2.3 into the cache, out of a Python package that carries it: neither Debian nor npm does. The other judges of
# SBOMs are Debian's (test/oracles.sh). Does nothing that is done already.
set -eu
cache=${TDX_ASSEMBLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tdx-assemble}
wheel="scancodeio==36.1.0"
member="scanpipe/pipes/schemas/spdx-schema-2.3.json"
schema="$cache/oracle/spdx-schema-2.3.json"
if [ ! -s "$schema" ]; then
    python3 -m pip --version > /dev/null 2>&1 ||
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-pip
    aside=$(mktemp -d)
    trap 'rm -rf "$aside"' EXIT
    python3 -m pip download --quiet --no-deps --dest "$aside" "$wheel"
    python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' "$aside"/*.whl "$member" > "$aside/schema"
    mv "$aside/schema" "$schema"
fi
echo "schema of SPDX: $schema"
