; The installer for Windows, made by Inno Setup 6 from the folder that packaging/build.py froze:
;   ISCC.exe /DVersion=0.2.0 packaging\windows\casedesk.iss
; It installs for one user without an administrator, or for all when started as one.
#ifndef Version
  #error Name the version: /DVersion=0.2.0
#endif

[Setup]
AppId={{5B0C4C7E-6E0B-4E0F-9A55-0D6A8C1B7E21}
AppName=CaseDesk
AppVersion={#Version}
AppPublisher=The CaseDesk contributors
DefaultDirName={autopf}\CaseDesk
DefaultGroupName=CaseDesk
DisableProgramGroupPage=yes
PrivilegesRequired=lowest
PrivilegesRequiredOverridesAllowed=dialog
ArchitecturesAllowed=x64compatible
ArchitecturesInstallIn64BitMode=x64compatible
MinVersion=10.0.17763
LicenseFile=..\..\LICENSE
OutputDir=..\..\dist
OutputBaseFilename=casedesk-{#Version}-windows-x64
SetupIconFile=..\..\build\package\casedesk.ico
UninstallDisplayIcon={app}\casedesk.exe
Compression=lzma2
SolidCompression=yes
ChangesAssociations=yes
CloseApplications=yes

[Languages]
Name: "en"; MessagesFile: "compiler:Default.isl"
Name: "ru"; MessagesFile: "compiler:Languages\Russian.isl"

[InstallDelete]
; What an older version brought and this one does not; the user's files lie elsewhere.
Type: filesandordirs; Name: "{app}\_internal"

[Files]
Source: "..\..\build\package\dist\casedesk\*"; DestDir: "{app}"; Flags: ignoreversion recursesubdirs createallsubdirs

[Icons]
Name: "{autoprograms}\CaseDesk"; Filename: "{app}\casedesk.exe"

[Registry]
Root: HKA; Subkey: "Software\Classes\.cdk"; ValueType: string; ValueData: "CaseDesk.File"; Flags: uninsdeletevalue
Root: HKA; Subkey: "Software\Classes\CaseDesk.File"; ValueType: string; ValueData: "CaseDesk file"; Flags: uninsdeletekey
Root: HKA; Subkey: "Software\Classes\CaseDesk.File\DefaultIcon"; ValueType: string; ValueData: "{app}\casedesk.exe,0"
Root: HKA; Subkey: "Software\Classes\CaseDesk.File\shell\open\command"; ValueType: string; ValueData: """{app}\casedesk.exe"" ""%1"""

[Run]
Filename: "{app}\casedesk.exe"; Description: "{cm:LaunchProgram,CaseDesk}"; Flags: nowait postinstall skipifsilent
