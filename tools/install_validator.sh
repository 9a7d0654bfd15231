#!/bin/sh
# The Nu HTML Checker (vnu, a Java program from npm) for the test of valid HTML, where it is missing and we may install it.
# Java comes from Debian, as root. Without them the test is skipped.
set -e
version=26.9.27
folder=build/validator
if ! command -v java >/dev/null 2>&1; then
    if command -v apt-get >/dev/null 2>&1 && [ "$(id -u)" = 0 ]; then
        echo "Installing Java for the test of valid HTML …"
        apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null
    else
        echo "The test of valid HTML needs Java; it is skipped." >&2
        exit 0
    fi
fi
[ -e "$folder/node_modules/vnu-jar" ] && grep -q "\"version\": \"$version\"" "$folder/node_modules/vnu-jar/package.json" && exit 0
PATH="$PWD/.venv/bin:$PATH" npm install --prefix "$folder" --no-save --ignore-scripts --loglevel=error "vnu-jar@$version" >/dev/null ||
    echo "The package vnu-jar cannot be installed; the test of valid HTML is skipped." >&2
