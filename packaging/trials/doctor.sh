# What the doctor finds on a machine that lacks something, and that what it says mends it.
echo '--- casedesk doctor'
install_package xvfb xauth x11-utils x11-apps xdotool imagemagick libglib2.0-bin \
    desktop-file-utils shared-mime-info appstream man-db >/dev/null 2>&1
inside install -d -m 1777 /tmp/.X11-unix
# Without -noreset it begins anew when its last window is gone, and who comes then is turned away.
# It takes a number that is free: sockets of screens are shared beyond the root.
chroot "$root" env -i PATH=/usr/bin:/bin Xvfb -displayfd 3 -screen 0 1440x900x24 \
    -noreset -nolisten tcp \
    3>"$root/tmp/number" >/dev/null 2>&1 &
screen=$!
patiently test -s "$root/tmp/number" || true
display=:$(cat "$root/tmp/number")
at_screen() { as_user env DISPLAY="$display" "$@"; }
parts=/usr/lib/casedesk/_internal/casedesk/resources

says 'content' 0 'Nothing is missing' at_screen casedesk doctor
says 'content, in Russian' 0 'Всё на месте\|Ничего не' at_screen env CASEDESK_LANG=ru casedesk doctor
says 'no screen' 1 'ssh -X' as_user casedesk doctor
says 'a window without a screen says so' 4 'no screen' as_user casedesk
holds 'libxcb-cursor0 is taken away' inside dpkg --force-depends -r libxcb-cursor0
says 'the missing library, and what brings it' 1 'sudo apt-get install libxcb-cursor0' \
    at_screen casedesk doctor
says 'a window without it says so' 4 'casedesk doctor' at_screen casedesk
holds 'what the doctor said mends it' install_package libxcb-cursor0
mv "$root$parts/fonts/PTS55F.ttf" "$root/tmp/"
says 'a missing font' 1 'install CaseDesk again' at_screen casedesk doctor
mv "$root/tmp/PTS55F.ttf" "$root$parts/fonts/"
says 'a clock that is wrong' 1 'Clock needs a look' at_screen faketime '2019-03-01 10:00:00' \
    casedesk doctor
says 'a folder of settings that cannot be written' 1 'CASEDESK_HOME' at_screen \
    env CASEDESK_HOME=/usr/share casedesk doctor
mkdir -p "$root/mnt/small" && mount -t tmpfs -o size=64m,mode=777 tmpfs "$root/mnt/small"
says 'a full disk' 1 'Make room' at_screen env CASEDESK_HOME=/mnt/small casedesk doctor
umount "$root/mnt/small"
as_user sh -c 'cd /home/user && mkdir -p Nextcloud .home && printf CDK1 >Nextcloud/a.cdk &&
    echo "last_file = \"/home/user/Nextcloud/a.cdk\"" >.home/settings.toml' 2>/dev/null || true
says 'a file in a cloud folder' 1 'move the file' at_screen env CASEDESK_HOME=/home/user/.home \
    casedesk doctor
says 'content again' 0 'Nothing is missing' at_screen casedesk doctor
