import { nameBut, rulesOf } from './table.ts';

/** What begins a further command in a shell. */
const separator = String.raw`(?:;|\|{1,2}|&{1,2}|\x60|\$\(|<\(|>\()`;
/** Programs whose name alone, at the end of a command, is one. */
const bareProgram =
  '(?:id|whoami|uname|ls|dir|ps|ifconfig|ipconfig|netstat|hostname|systeminfo|env|printenv|w|who|users|lsof|tasklist|ver|set|arp|route)';
const systemPath = String.raw`(?:/(?:usr/)?(?:local/)?s?bin/|/etc\b|/proc/|/tmp/|/var/|/dev/|/home/|/root|~/|\.\./|c:\\|%systemroot%|\$\{?home)`;
/** A program by its path, not a folder in a list of folders: /bin/cat, c:\\windows\\system32\\cmd.exe. */
const programPath = String.raw`(?:/(?:usr/)?(?:local/)?s?bin/\w|/(?:etc|proc|tmp|var|dev|home|root)(?:/[\w./-]{1,64})?(?:\s|$)|~/\w|\.\./|(?:c:|%systemroot%|%windir%)\\[\w\\ .()-]{1,64}\.(?:exe|bat|cmd|com|ini)\b)`;
/** At most two words before it: pasted scripts and prose have more. */
const early = String.raw`^(?:[^\s;|&]{0,64}\s{1,4}){0,2}[^\s;|&]{0,64}(?:[;|&)]\s{0,4})?`;
const program =
  '(?:cat|tac|nl|head|tail|less|more|od|xxd|strings|grep|awk|sed|find|ls|dir|cp|mv|rm|chmod|chown|touch|mkdir|tar|base64|echo|printf|type|copy|del|tee|sort|rev|uniq|cut|dd|ln)';
const netProgram =
  '(?:curl|wget|nc|ncat|netcat|telnet|ping6?|nslookup|dig|host|ssh|scp|ftp|tftp|fetch|lwp-download|socat|nmap|certutil|bitsadmin|rundll32|regsvr32|mshta|wmic)';
const interpreter = String.raw`(?:(?:ba|z|k|c|tc|da|a)?sh|python[\d.]{0,4}|perl|ruby|php\d?|node|lua|gcc|busybox|powershell(?:\.exe)?|pwsh|cmd(?:\.exe)?|wscript|cscript|xterm|sudo|su|eval|exec|source|env|nohup|setsid|timeout|time|xargs)`;

/** The name of a parameter behind "&amp;", as addresses copied out of a page have it; a value is no name. */
const escapedLink = nameBut(String.raw`^ARGS\w{0,5}_NAMES:amp;\w{0,32}$`);

/** Commands for the shell of a server. */
export const commandRules = rulesOf('command_injection', [
  {
    id: 'command-behind-separator',
    title: 'A separator of shell commands, and a command with a file, an option or an address',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: `^\\W{0,4}(?:cat|tac|nl|head|tail|less|more|type)\\s{1,4}(?:-\\w{1,8}\\s{1,4})?/etc/(?:passwd|shadow|group|hosts)\\b|${early}${separator}[^\\S\\n]{0,8}(?:${programPath}|(?:${program}|${bareProgram})(?:\\.exe)?(?:\\s{1,4}|\\$\\{?ifs[^\\w]{0,6}|<|\\{)(?:-\\w{1,8}\\s{1,4})?(?:${systemPath}|[\\w./-]{0,40}(?:passwd\\b|shadow\\b|win\\.ini|\\.bash_history))|${netProgram}(?:\\.exe)?(?:\\s{1,4}|\\$\\{?ifs[^\\w]{0,6})(?:-\\w{1,12}\\s{1,4}){0,4}(?:\\d{1,5}\\s{1,4})?(?:["']?(?:https?|ftp|dict|gopher)://|\\d{1,3}(?:\\.\\d{1,3}){3}|localhost\\b))`,
  },
  {
    id: 'command-with-options',
    title: 'A word, a separator of shell commands, and a command with an option or an address',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: `^[^\\s;|&]{0,64}["']?\\s{0,4}(?:${separator}|\\r?\\n|%0a)\\s{0,4}(?:(?:${program}|${bareProgram})\\s{1,4}-[a-z]{1,8}(?:\\s|$|["';|&)\\x60])|${netProgram}(?:\\.exe)?\\s{1,4}(?:-\\w{1,12}\\s{1,4}){0,4}(?:[\\w-]{1,40}(?:\\.[\\w-]{1,40}){1,6}|\\$)|${interpreter}\\s{1,4}(?:-[a-z]{1,12}\\b|/c|/k|<<<?|/tmp/|/dev/|\\S{1,64}\\.(?:sh|py|pl|ps1)\\b))`,
  },
  {
    id: 'command-at-the-end',
    title: 'The value ends in a separator of shell commands and a command',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: `^[^\\s;|&]{0,64}["']?\\s{0,4}(?:;|\\|{1,2}|&{1,2}|\\n|\\r\\n|%0a|%0d)\\s{0,4}(?:${bareProgram}|reboot|shutdown|halt|sleep\\s{1,4}\\d{1,4}|ping\\s{1,4}-[cn]\\s{0,4}\\d{1,4}\\s[^\\s]{1,64}|uname\\s{1,4}-\\w{1,4}|ls\\s{1,4}-\\w{1,5}|ps\\s{1,4}-?\\w{1,5}|cat\\s{1,4}[\\w./*?$-]{1,64}|echo\\s{1,4}[\\w$'"]{1,64}|id\\s{1,4}-\\w|net\\s{1,4}user|dir\\s{1,4}[\\w:\\\\]{1,32}|type\\s{1,4}[a-z]:\\S{1,64})["']?\\s{0,4}(?:[;&#\\x60)]|\\|\\w|\\x00|%00|$)`,
    and: [escapedLink],
  },
  {
    id: 'command-substitution',
    title: 'A command within $(…) or backquotes',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: `\\$\\(\\s{0,4}(?:(?:${bareProgram}|sleep\\s{1,4}\\d{1,4}|${program}\\s{1,4}[^\\s)]{1,64}|${netProgram}\\s{1,4}[^)]{1,128}|${interpreter}\\s{1,4}-\\w[^)]{0,128})\\s{0,4}\\)|${systemPath})|^[^\\s\\x60]{0,32}\\x60\\s{0,4}(?:${bareProgram}|sleep\\s{1,4}\\d{1,4}|(?:${program}|${netProgram}|${interpreter})\\s{1,4}[^\\x60]{1,128})\\s{0,4}\\x60[^\\s\\x60]{0,32}$`,
  },
  {
    id: 'command-hidden',
    title: 'A command that is written so that it is not recognized',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`^\W{0,4}(?:\w{1,16}|[:.])\s{0,4}\(\s{0,4}\)\s{0,4}\{\s{0,4}[\w:.]{1,16}\s{0,4}\|\s{0,4}[\w:.]{1,16}\s{0,4}&\s{0,4}\}|\w\$[!@*?$_-]\w{1,6}[\s+/][^\n]{0,32}/\w{1,6}\$[!@*?$_-]\w|(?:["']{2}\w){4}|[;|&]\s{0,4}(?:l(?:['"]{2}|\\|\$@){1,3}s|i(?:['"]{2}|\\|\$@){1,3}d)\b|\w['"]?\$\{?ifs|\$\(\(\d{1,6}[+*-]\d{1,6}\)\)|[|&;]\s{0,4}(?:\[\s{1,4}\d{1,4}\s{1,4}-(?:ne|eq)\s|set\s{1,4}/a\s{1,4}\d|ping(?:\.exe)?\s{1,4}-[nc]\s{0,4}\d{1,5}\s{1,4}(?:localhost|[\d:]))|\btype\s{1,4}(?:%systemroot%|c:)\\\S{0,64}(?:repair|win\.ini|system32)|\$ifs\$\d|\{(?:cat|ls|echo|curl|wget|ping|id|nc|bash|sh|rm|uname),[^}\s]{1,64}\}|(?:^|[\s;|&/\x60(])(?:c(?:['"\\]|\$@|\$\*){1,3}a(?:['"\\]|\$@|\$\*){0,3}t|c(?:['"\\]|\$@){0,3}a(?:['"\\]|\$@|\$\*){1,3}t|w(?:['"\\]|\$@){1,3}h?oami|who(?:['"\\]|\$@|\$\*|\$\(\)|\x60\x60){1,3}ami|wh(?:['"\\]|\$@){1,3}oami|ba(?:['"\\]|\$@){1,3}sh)\b|/(?:\?{2,3}|b[?*]n|\?in|bi[?*]|us[?*]|e[?*]c|et[?*])/[\w?*]{1,12}|/s?bin/\w{0,8}[?*][\w?*]{1,8}|/etc/\w{0,6}(?:[?*]\w|\[[^\]\s]{1,8}\])[\w?*]{0,8}|^\W{0,8}\$\(\(|\b(?:cat|ls|id|whoami|ping|wget|curl)(?:\$!|\$\*|\$@|<\(\))\s{0,2}|\bbase64\s{1,4}-{1,2}d(?:ecode)?\b[^|]{0,64}\|\s{0,4}(?:ba|z|k|da)?sh\b|\|\s{0,4}(?:ba|z|k|da)?sh\b\s{0,4}(?:$|["'\x60;&)])|\$\{[a-z_]{1,20}:\d{1,2}:\d{1,2}\}|\$'\\x[0-9a-f]{2}|%(?:comspec\b|(?:programfiles|systemroot|path|windir|commonprogramfiles):~)`,
  },
  {
    id: 'command-remote-shell',
    title: 'A shell for somebody elsewhere',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: String.raw`/dev/(?:tcp|udp)/[\w.]|\b(?:nc|ncat|netcat)(?:\.exe|\.traditional)?\s{1,4}(?:-\w{1,8}\s{1,4}){0,4}[\w.]{0,64}\s{0,4}\d{0,5}\s{0,4}-\w{0,4}[ec]\s|\b(?:nc|ncat|netcat)\s{1,4}-\w{0,4}[le]\w{0,4}\s|\b(?:ba)?sh\s{1,4}-i\b|\bmkfifo\s{1,4}/tmp/|\b(?:python[\d.]{0,4}\s{1,4}-c\s{1,4}["']import\s{1,4}(?:socket|os|pty|subprocess)|perl\s{1,4}-e\s{1,4}["']use\s{1,4}socket|php\s{1,4}-r\s{1,4}["']|ruby\s{1,4}-rsocket|socat\s{1,4}\S{0,40}exec:)|\bpowershell(?:\.exe)?\s{1,4}(?:[-/]\w{1,16}\s{1,4}(?:hidden\s{1,4}|bypass\s{1,4})?){0,6}[-/](?:e|ec|enc\w{0,12}|c|command|nop|noprofile|w|windowstyle|ep|executionpolicy)\b|\bcmd(?:\.exe)?\s{1,4}/[ckq]\s{0,4}\S|\b(?:iex|invoke-expression)\s{0,4}\(|\bnew-object\s{1,4}(?:system\.)?net\.webclient|\bcertutil(?:\.exe)?\s{1,4}-urlcache|\bbitsadmin(?:\.exe)?\s{1,4}/transfer|\bmshta(?:\.exe)?\s{1,4}(?:https?:|javascript:|vbscript:)|\bregsvr32(?:\.exe)?\s{1,4}/\w`,
  },
  {
    id: 'command-download',
    title: 'A program is fetched and run',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`\b(?:wget|curl)\s{1,4}[^\n|;&]{0,200}(?:https?://)?[^\n|;&]{1,200}(?:\|\s{0,4}(?:ba|z|da)?sh\b|[;&]{1,2}\s{0,4}(?:chmod|sh|bash|\./))|[;|&\x60]\s{0,4}(?:wget|curl)\s{1,4}[^\s]{0,16}\s{0,4}(?:https?://|\d{1,3}(?:\.\d{1,3}){3})|\bchmod\s{1,4}(?:\+x|[0-7]{3,4})\s{1,4}\S{1,64}\s{0,4}[;&]{1,2}\s{0,4}\S{0,8}\./`,
  },
  {
    id: 'command-of-windows',
    title: 'A loop, a condition or a cmdlet of the shells of Windows',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: String.raw`\bfor\s{1,16}(?:/[dflr]\s{1,16})?(?:"[^"\n]{0,64}"\s{1,8})?%{1,2}[^\s%]{1,16}\s{1,16}in\s{1,16}\(|^\W{0,8}if\s{1,16}(?:/i\s{1,16})?(?:not\s{1,16})?(?:(?:exist|errorlevel|cmdextversion|defined)\s{1,16}\S{1,64}\s{1,16}\S|[^\s=]{1,64}\s{0,4}(?:==|\s(?:equ|neq|lss|leq|gtr|geq)\s)\s{0,4}\S{1,64}\s{1,24}(?:echo|cmd|del|set|goto|call|start|copy|\())|^\W{0,8}if\s{1,16}[^\n]{1,64}\s(?:equ|neq|lss|leq|gtr|geq)\s[^\n]{1,64}\b(?:echo|goto|call|set)\b|\b(?:invoke-(?:webrequest|expression|restmethod|command|wmimethod|item)|start-(?:process|bitstransfer)|set-executionpolicy|add-mppreference|new-localuser)\s{1,4}[-"'$\w(]`,
  },
  {
    id: 'command-shellshock',
    title: 'A function of a shell in place of a value, and a command behind it',
    severity: 'critical',
    in: ['values', 'everyHeader'],
    finds: String.raw`^\s{0,4}\(\s{0,4}\)\s{0,4}\{|\(\)\s{0,4}\{\s{0,4}[:_\w]{1,8}\s{0,4};\s{0,4}\}\s{0,4};`,
  },
]);
