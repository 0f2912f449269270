#!/bin/sh
# Gets HLC.bed, HLC.bim and HLC.fam out of the Debian package gemma-doc into data/ beside this file.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
mkdir -p "$here/data"
if [ -s "$here/data/HLC.bed" ] && [ -s "$here/data/HLC.bim" ] && [ -s "$here/data/HLC.fam" ]; then exit 0; fi
cd "$work"
chmod 755 "$work"
apt-get download gemma-doc
dpkg -x gemma-doc_*.deb unpacked
for part in bed bim fam; do
  gunzip -c "unpacked/usr/share/doc/gemma/example/HLC.$part.gz" > "$here/data/HLC.$part.partial"
  mv "$here/data/HLC.$part.partial" "$here/data/HLC.$part"
done
echo "wrote $here/data/HLC.bed, HLC.bim, HLC.fam"
