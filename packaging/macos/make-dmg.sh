#!/bin/sh
# Makes the disk image for macOS from the application that packaging/build.py froze:
#   packaging/macos/make-dmg.sh build/package/dist/CaseDesk.app dist/casedesk-0.2.0-macos.dmg
# With SIGN_IDENTITY set it signs first; notarising is left to whoever holds the account.
set -eu
[ $# -eq 2 ] || { echo "usage: $0 CaseDesk.app TARGET.dmg" >&2; exit 2; }
app=$1 target=$2
if [ -n "${SIGN_IDENTITY:-}" ]; then
    here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
    codesign --force --deep --options runtime --timestamp \
        --entitlements "$here/entitlements.plist" --sign "$SIGN_IDENTITY" "$app"
    codesign --verify --deep --strict "$app"
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cp -R "$app" "$folder/"
ln -s /Applications "$folder/Applications"
hdiutil create -volname CaseDesk -srcfolder "$folder" -format UDZO -ov "$target"
