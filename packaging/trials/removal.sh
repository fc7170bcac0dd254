# Removal leaves the user's files, and nothing else.
echo '--- removal'
of_user() { (cd "$home" && find . -type f ! -name '*.log' -exec sha256sum {} + | sort -k 2); }
of_user >"$root/tmp/before"
holds 'package goes' inside apt-get remove -qq -y casedesk
holds 'Debian knows it no more' sh -c "! chroot '$root' dpkg -s casedesk"
holds 'nothing of its name stays' sh -c "! find '$root' -xdev -iname '*casedesk*' \
    ! -path '$home/*' ! -path '$root/tmp/*' ! -path '*/var/log/*' | grep ."
holds 'no desktop, type or alternative names it' sh -c \
    "! grep -r -i -l casedesk '$root/etc' '$root/usr/share/applications' '$root/usr/share/mime' \
    '$root/usr/share/icons' '$root/var/lib/dpkg/info' '$root/var/lib/dpkg/alternatives'"
of_user >"$root/tmp/after"
holds "every file of the user is as it was" cmp "$root/tmp/before" "$root/tmp/after"

# The portable archive needs no rights, and the same libraries of the system.
archive=$(ls "$(dirname "$package")"/casedesk-*-linux-*.tar.gz 2>/dev/null | tail -n 1 || true)
if [ -n "$archive" ]; then
    echo '--- the portable archive'
    mkdir -p "$home/apps" && tar xzf "$archive" -C "$home/apps" && chown -R 1000:1000 "$home/apps"
    unpacked=/home/user/apps/$(ls "$home/apps")/casedesk
    says 'runs where it was unpacked' 0 "casedesk $version" as_user "$unpacked" --version
    says 'and opens the file' 0 'Nothing is wrong' as_user "$unpacked" check /home/user/d.cdk \
        --passphrase-file /home/user/pp
    says 'doctor is content with it' 0 'Nothing is missing' at_screen "$unpacked" doctor
    for file in LICENSE CHANGELOG.md copyright casedesk.cdx.json; do
        holds "documents/$file" test -s "$(dirname "$root$unpacked")/documents/$file"
    done
fi
