# The window: a double click, a second start, an upgrade while it runs.
echo '--- the desktop'
kept=$home/.config/casedesk
number_of_window() { sed -n 1p "$kept/desk.lock" 2>/dev/null; }
shown() { inside env DISPLAY="$display" xwininfo -root -tree 2>&1 | grep -q '"CaseDesk"'; }
last_is() { grep -q -F "last_file = \"/home/user/$1\"" "$kept/settings.toml" 2>/dev/null; }
# A window is there before it is painted.
painted() {
    inside env DISPLAY="$display" sh -c 'xwd -root -silent | convert xwd:- png:/tmp/shot.png' &&
        [ "$(inside identify -format %k /tmp/shot.png)" -gt "${1:-50}" ]
}
picture() { # keeps the picture that was painted last
    [ -z "$pictures" ] || { mkdir -p "$pictures" && cp "$root/tmp/shot.png" "$pictures/$1.png"; }
}
# The window that lies uppermost, as the manager of windows tells.
in_front() {
    last=$(inside env DISPLAY="$display" xprop -root _NET_CLIENT_LIST_STACKING 2>/dev/null |
        sed 's/.*[ ,]\(0x[0-9a-f]*\)$/\1/')
    [ -n "$last" ] && [ "$(keys getwindowname "$last" 2>/dev/null)" = "$1" ]
}
# A slow computer may not listen yet; five passphrases are free.
unlocked() {
    for _try in 1 2 3; do
        sleep 4; keys key ctrl+a
        keys type --delay 40 'wooden bridge late apples'; keys key Return
        for _second in 1 2 3 4 5 6 7 8 9 10 11 12; do
            if last_is "$1"; then return 0; fi
            sleep 1
        done
    done
    return 1
}
keys() { inside env DISPLAY="$display" xdotool "$@"; }
ended() { ! kill -0 "$1" 2>/dev/null; }
calm() { ! grep -h ' fault' "$home"/.local/state/casedesk/log/*.log; }
as_user casedesk new /home/user/plain.cdk --plain
as_user casedesk new /home/user/other.cdk --plain

inside update-desktop-database && inside update-mime-database /usr/share/mime
says 'a file has its type by its name' 0 'content-type: application/x-casedesk' \
    as_user gio info -a standard::content-type /home/user/plain.cdk
as_user cp /home/user/d.cdk /home/user/nameless
says 'and by what is in it' 0 'content-type: application/x-casedesk' \
    as_user gio info -a standard::content-type /home/user/nameless
rm -f "$home/nameless"
install_package openbox >/dev/null 2>&1
inside env DISPLAY="$display" openbox >/dev/null 2>&1 &
manager=$!
holds 'a double click on a file' at_screen gio open /home/user/plain.cdk
holds 'a window is on the screen' patiently shown
holds 'with that file' patiently last_is plain.cdk
holds 'it is painted' patiently painted
picture window
window=$(number_of_window)

inside env DISPLAY="$display" xclock -geometry 1440x900+0+0 >/dev/null 2>&1 &
clock=$!
holds 'another window stands above it' patiently in_front xclock
holds 'a second start with the same file ends' at_screen timeout 20 casedesk /home/user/plain.cdk
holds 'and raises the first window' patiently in_front CaseDesk
holds 'a second start without a file too' at_screen timeout 20 casedesk
kill "$clock" 2>/dev/null || true
holds 'a double click on another file opens it' at_screen gio open /home/user/other.cdk
holds 'in the window that was there' patiently last_is other.cdk
holds 'there is one program still' [ "$window" = "$(number_of_window)" ]
holds 'an encrypted file too' at_screen timeout 20 casedesk /home/user/d.cdk
sleep 2; painted 50 || true; picture unlock
holds 'its passphrase, typed, opens it' unlocked d.cdk
sleep 2; holds 'the delegation is painted' patiently painted 200
picture delegation
keys key ctrl+k; sleep 1; keys type --delay 40 'Settings'; sleep 1; keys key Return; sleep 1
keys key End; sleep 1; painted; picture settings
# Beside this window another version is installed: it goes on with what it began.
holds 'another version is installed beside the window' \
    inside apt-get install -qq -y --allow-downgrades /tmp/other.deb
for page in 1 2 3 4 5 6 0; do keys key "ctrl+$page"; sleep 1; done
painted 50 || true; picture upgraded
holds 'the window lives' kill -0 "$window"
holds 'and met no fault' calm
holds 'a start of that version finds it' at_screen timeout 20 casedesk
holds 'this version is installed beside the window' install_package /tmp/casedesk.deb
holds 'the window lives still' kill -0 "$window"
kill "$window"; patiently ended "$window" || true
rm -f "$kept/desk.socket"
says 'the file is whole' 0 'Nothing is wrong' desk check /home/user/d.cdk

# A window of the other version, and this one installed beside it.
inside apt-get install -qq -y --allow-downgrades /tmp/other.deb >/dev/null 2>&1
as_user_behind casedesk /home/user/plain.cdk >/dev/null 2>&1 &
holds 'a window of the other version' patiently shown
patiently last_is plain.cdk || true
window=$(number_of_window)
holds 'is there while this one is installed' install_package /tmp/casedesk.deb
holds 'and lives' kill -0 "$window"
holds 'a start of this version finds it' at_screen timeout 20 casedesk
kill "$window"; patiently ended "$window" || true

printf 'language = "ru"\nlast_file = "/home/user/d.cdk"\n' >"$kept/settings.toml"
as_user_behind casedesk /home/user/d.cdk --passphrase-file /home/user/pp >/dev/null 2>&1 &
holds 'the window in Russian' patiently shown
sleep 3; holds 'is painted' patiently painted 200
picture russian
window=$(number_of_window)
kill "$window"; patiently ended "$window" || true
window=''
kill "$manager" 2>/dev/null || true
holds 'no fault in the log' calm
