# An older version with its file, then this one over it; and files that released versions wrote.
echo '--- an older version, a file, the upgrade'
# The same program under an earlier number, with its modules at other places of its archive: what
# stands in for another version.
(
    set -e
    rm -rf "$root/tmp/other" && mkdir "$root/tmp/other" && cd "$root/tmp/other"
    dpkg-deb -R "$package" tree
    sed -i 's/^Version: .*/Version: 0.0.1/' tree/DEBIAN/control
    program=tree/usr/lib/casedesk/casedesk
    objcopy --dump-section pydata=modules --remove-section pydata "$program" starter
    objcopy --add-section .filler="$program" starter filled
    objcopy --add-section pydata=modules filled "$program"
    dpkg-deb --root-owner-group -Znone -b tree "$root/tmp/other.deb" >/dev/null
)
rm -rf "$root/tmp/other"
cp "${older:-$root/tmp/other.deb}" "$root/tmp/older.deb"
which_version() { inside dpkg-query -W -f '        ${Package} ${Version}\n' casedesk; }
holds 'older version installs' install_package /tmp/older.deb
which_version
holds 'and makes a file' desk demo /home/user/older.cdk --scale 0.002
cp -p "$home/older.cdk" "$root/tmp/older.cdk"
holds 'package installs over it' install_package /tmp/casedesk.deb
which_version
holds 'no Python came with it' sh -c "! chroot '$root' sh -c 'command -v python3'"
holds 'the file of the older version is whole' desk check /home/user/older.cdk
holds 'it was backed up first, if it was changed' sh -c \
    "cmp -s '$root/tmp/older.cdk' '$home/older.cdk' || ls '$home'/older.cdk.v*.backup"

echo '--- files that released versions wrote'
for released in "$stores"/*.cdk; do
    name=$(basename "$released")
    cp "$released" "$home/$name" && chown 1000:1000 "$home/$name"
    holds "$name opens" desk check "/home/user/$name"
    holds "$name was backed up first, if it was changed" sh -c \
        "cmp -s '$released' '$home/$name' || ls '$home/$name'.v*.backup"
done
