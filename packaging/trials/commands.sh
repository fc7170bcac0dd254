# Every command of the program, as a user without any rights.
echo '--- the commands'
install_package faketime >/dev/null 2>&1
period='--from 2025-05-01 --to 2025-08-31'
says 'casedesk --version' 0 '^casedesk [0-9.]*$' as_user casedesk --version
version=$(as_user casedesk --version); version=${version#casedesk }
built=$(as_user casedesk doctor --json | sed -n 's/.*"key": "program", "value": "\([^"]*\)".*/\1/p')
holds "doctor names version, day and commit: $built" sh -c \
    "echo '$built' | grep -q -E '^$version, 20[0-9]{2}-[0-9]{2}-[0-9]{2}, [0-9a-f]{7,}'"
holds 'casedesk demo' desk demo /home/user/d.cdk --scale 0.002
for lang in en ru; do
    # shellcheck disable=SC2086 # a list of words
    holds "casedesk sheet facts-and-figures, $lang" desk sheet /home/user/d.cdk facts-and-figures \
        $period --lang "$lang" --out "/home/user/$lang.pdf"
    # The fonts are said in the uncompressed part of the file: embedded programs are FontFile2.
    holds "fonts embedded, $lang" grep -a -q FontFile2 "$home/$lang.pdf"
    holds "version, day and commit in the file, $lang" grep -a -q -F "(CaseDesk $built)" \
        "$home/$lang.pdf"
done
as_user env CASEDESK_LANG=ru casedesk --help >"$root/tmp/russian"
holds 'Russian is there' grep -q 'файл' "$root/tmp/russian"
holds 'and whole: every command is explained in it' sh -c \
    "! grep -E '^    [a-z]+ +[A-Za-z ]+\$' '$root/tmp/russian'"
holds 'casedesk new' desk new /home/user/new.cdk
# shellcheck disable=SC2086
says 'casedesk figures' 0 '"id": "001-11-own"' desk figures /home/user/d.cdk $period --json
# shellcheck disable=SC2086
says 'casedesk records' 0 '^\[[0-9]' desk records /home/user/d.cdk 001-11-own $period --json
says 'casedesk search' 0 'Иванов' desk search /home/user/d.cdk Ivanov
says 'casedesk import persons, CSV' 0 '1 row of 1' \
    desk import /home/user/d.cdk persons /home/user/tables/persons.csv
says 'casedesk search --batch' 0 '"external_ref": "T-1"' \
    desk search /home/user/d.cdk --batch /home/user/tables/queries.txt --limit 2 --json
says 'casedesk import cases, CSV' 0 '2 rows of 2' \
    desk import /home/user/d.cdk cases /home/user/tables/cases.csv
says 'casedesk match' 0 '"case": "20' desk match /home/user/d.cdk T-2 --json
case_=$(desk match /home/user/d.cdk T-2 --json | sed 's/.*"case": "\(20[^"]*\)".*/\1/')
says 'casedesk duplicates' 0 'Вознесенская' desk duplicates /home/user/d.cdk
holds "casedesk sheet case $case_" \
    desk sheet /home/user/d.cdk case --case "$case_" --out /home/user/case.pdf
says 'a copy for a partner says why it leaves' 2 'needs --why' desk sheet /home/user/d.cdk case \
    --case "$case_" --profile partner --to 'Red Cross' --out /home/user/partner.pdf
holds 'casedesk sheet distribution' \
    desk sheet /home/user/d.cdk distribution --round 1 --out /home/user/distribution.pdf
for pdf in case distribution; do
    holds "fonts embedded in the $pdf sheet" grep -a -q FontFile2 "$home/$pdf.pdf"
done
for kind in xlsx csv; do
    says "casedesk export round, $kind" 0 'lines* written' \
        desk export /home/user/d.cdk round --round 1 --out "/home/user/round.$kind"
done
says 'the round can be read again' 3 'list of this round\|provider' \
    desk import /home/user/d.cdk receipts /home/user/round.xlsx --round 1 --dry-run

echo '--- tables from elsewhere, read in a process of their own'
into='--programme 4'
# shellcheck disable=SC2086
says 'registrations from Windows-1251, looked at' 0 '2 rows of 3 can' desk_then import \
    /home/user/d.cdk registrations /home/user/tables/registrations.csv $into --dry-run
# shellcheck disable=SC2086
says 'registrations from XLSX' 0 '2 rows of 3 taken in' desk_then import \
    /home/user/d.cdk registrations /home/user/tables/registrations.xlsx $into
# shellcheck disable=SC2086
says 'the same again are doubles' 3 'double' desk_then import \
    /home/user/d.cdk registrations /home/user/tables/registrations.xlsx $into
# shellcheck disable=SC2086
says 'a sheet made to break its reader is refused' 3 'lies far outside' desk_then import \
    /home/user/d.cdk registrations /home/user/tables/sparse.xlsx $into
head -c 1000 "$home/tables/registrations.xlsx" >"$home/tables/half.xlsx"
# shellcheck disable=SC2086
says 'half a workbook is refused' 3 'damaged\|workbook\|table' desk_then import \
    /home/user/d.cdk registrations /home/user/tables/half.xlsx $into
says 'the file is whole after all this' 0 'Nothing is wrong' desk check /home/user/d.cdk
holds 'casedesk backup' desk backup /home/user/d.cdk /home/user/copy.backup
holds 'casedesk restore' desk restore /home/user/copy.backup /home/user/restored.cdk
says 'what was restored is whole' 0 'Nothing is wrong' desk check /home/user/restored.cdk
says 'a wrong passphrase is refused' 3 . as_user env CASEDESK_PASSPHRASE=wrong casedesk check \
    /home/user/d.cdk
says 'a command that is none' 2 'invalid choice\|no such' as_user casedesk serach
