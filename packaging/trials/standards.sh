# What a desktop and Debian ask of a package.
echo '--- what a desktop and Debian read'
share=/usr/share doc=$root/usr/share/doc/casedesk
says 'desktop-file-validate says nothing' 0 '^$' \
    sh -c "chroot '$root' desktop-file-validate $share/applications/casedesk.desktop; r=\$?; echo; exit \$r"
says 'appstreamcli' 0 'successful' \
    inside appstreamcli validate --no-net "$share/metainfo/casedesk.metainfo.xml"
holds 'man' sh -c "test -z \"\$(chroot '$root' env LC_ALL=C.UTF-8 MANROFFSEQ='' MANWIDTH=80 \
    man --warnings -E UTF-8 -l -Tutf8 -Z $share/man/man1/casedesk.1.gz 2>&1 >/dev/null)\""
holds '*.cdk has its type' grep -q 'application/x-casedesk:\*.cdk' "$root$share/mime/globs"
holds 'the type opens with CaseDesk' grep -q 'x-casedesk=casedesk.desktop' \
    "$root$share/applications/mimeinfo.cache"
for file in copyright changelog.gz CHANGELOG.md casedesk.cdx.json licences/python.txt; do
    holds "doc/casedesk/$file" test -s "$doc/$file"
done
install_package lintian >/dev/null 2>&1
inside lintian --profile debian --fail-on error,warning /tmp/casedesk.deb >"$root/tmp/lint" 2>&1 ||
    true
holds 'lintian: no error' sh -c "! grep '^E:' '$root/tmp/lint'"
holds 'lintian: no warning' sh -c "! grep '^W:' '$root/tmp/lint'"
holds 'lintian looked' sh -c "! grep -i 'cannot\|internal error' '$root/tmp/lint'"
