import { rulesOf } from './table.ts';

/** A separator of paths in any of its spellings. */
const slash = String.raw`(?:[/\\]|%2f|%5c|%252f|%255c|%c0%af|%c1%9c|%c0%2f|%e0%80%af|%u2215|%u2216|0x2f|0x5c)`;
const dots = String.raw`(?:\.{2,4}|\.%00\.|%2e%2e|%252e%252e|\.%2e|%2e\.|%c0%ae%c0%ae|%c0%2e%c0%2e|%uff0e%uff0e|0x2e0x2e)`;
const step = `${dots};?${slash}{1,3}`;

/** Files of systems and applications that no caller has a reason to name. */
const secretFile = String.raw`(?:etc[/\\]+(?:passwd|shadow|group|gshadow|hosts\b|hostname|issue|motd|crontab|fstab|sudoers|profile\b|resolv\.conf|ssh[/\\]|ssl[/\\]|nginx[/\\]|apache2?[/\\]|httpd[/\\]|mysql[/\\]|php|environment\b|os-release|security[/\\])|proc[/\\]+(?:self|\d+|version|cpuinfo|net|cmdline|mounts)\b|var[/\\]+(?:log|www|lib|run|mail|spool)[/\\]|root[/\\]+\.|home[/\\]+[\w.-]+[/\\]+\.|usr[/\\]+local[/\\]+(?:apache2?|etc|tomcat)|windows[/\\]+(?:win\.ini|system32|system\.ini|repair|debug|php\.ini|panther|iis)|winnt[/\\]|inetpub[/\\]|boot\.ini\b|program files|web-inf[/\\]|meta-inf[/\\]|\.ssh[/\\]|id_[rd]sa\b|\.aws[/\\]+credentials|\.git[/\\]+(?:config|head|index|logs)|\.svn[/\\]+|\.htpasswd|\.htaccess|\.bash_history|\.env\b|wp-config\.php|web\.config\b|global\.asax|config\.inc\.php|autoexec\.bat|apache[/\\]+(?:logs|conf)|xampp[/\\]|dev[/\\]+(?:tcp|fd|random|zero|null)\b)`;

/** Those among them that are named by their whole path in attacks alone; folders of settings are spoken of among developers too. */
const surelySecretFile = String.raw`(?:etc[/\\]+(?:passwd|shadow|group|gshadow|hosts\b|hostname|issue|motd|crontab|fstab|sudoers|profile\b|resolv\.conf|ssh[/\\]|nginx[/\\]+nginx\.conf|apache2?[/\\]|httpd[/\\]|mysql[/\\]|my\.cnf|php|environment\b|os-release|security[/\\])|proc[/\\]+(?:self|\d+|version|cpuinfo|net|cmdline|mounts)\b|var[/\\]+(?:log|www|run|mail|spool|lib[/\\]+(?:mysql|php))[/\\]|root[/\\]+\.|home[/\\]+[\w.-]+[/\\]+\.(?:ssh|bash|aws|netrc|mysql|profile|pgpass)|usr[/\\]+local[/\\]+(?:apache2?|etc|tomcat)|windows[/\\]+(?:win\.ini|system32[/\\]+\w|system\.ini|repair|debug|php\.ini|panther|iis)|winnt[/\\]|inetpub[/\\]|boot\.ini\b|web-inf[/\\]|meta-inf[/\\]|\.ssh[/\\]+\w|id_[rd]sa\b|\.aws[/\\]+credentials|\.git[/\\]+(?:config|head|index|logs)|\.svn[/\\]+(?:entries|wc)|\.htpasswd|\.bash_history|wp-config\.php|web\.config\b|global\.asax?\b|config\.inc\.php|autoexec\.bat|apache\d?[/\\]+(?:logs|conf)|xampp[/\\]|dev[/\\]+(?:tcp|fd|random|zero)\b)`;

/** Ways out of the folder, and files that are nobody's business. */
export const traversalRules = rulesOf('path_traversal', [
  {
    id: 'traversal-to-a-file',
    title: 'A way out of the folder to a file of the system',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: `${step}(?:[\\w.%\\\\/-]{0,64}?)${secretFile}`,
  },
  {
    id: 'traversal-deep',
    title: 'The value is a path that leads out of several folders',
    severity: 'critical',
    in: ['values', 'path'],
    finds: `^[^\\s"'<>()]{0,200}?(?:${step}(?:[\\w%-]{1,32}${slash})?){3,}[^\\s"'<>()]{0,200}$`,
  },
  {
    id: 'traversal-encoded',
    title: 'A way out of the folder in an encoding that hides it',
    severity: 'critical',
    in: ['values', 'path'],
    after: [],
    finds: String.raw`(?:%2e%2e|%252e%252e|\.%2e|%2e\.|\.%252e|%252e\.|%c0%ae|%c0%2e|%uff0e|%u002e)(?:[/\\;]|%2f|%5c|%252f|%255c|%c0%af|%c1%9c|%e0%80%af|%u2215|%u002f)|\.\.(?:%2f|%5c|%252f|%255c|%c0%af|%c1%9c|%c0%2f|%e0%80%af|%u2215|%u2216|%u002f|;/|%00|%01)|\.{3,4}[/\\]{2,}|\.\.[/\\]\.{0,2}[/\\]{2,}\.\.|%c0%(?:a[ef]|9v|qf)|(?:%c0%fe){2}|%c1%(?:1c|8s|9[cs]|af|pc)|%bg%qf|%e0%80%a[ef]|%f0%80%80%a[ef]|%f8(?:%80){3}%a[ef]|%fc(?:%80){4}%a[ef]|[.?]{2}(?:%u(?:efc8|f025|221[56])|0x2f|0x5c)|(?:\.\\){6}|(?:\.{3}\\){2}|[/\\]\.[/\\]{1,2}\.\.[/\\]{1,2}\.[/\\]{1,2}\.\.[/\\]`,
  },
  {
    id: 'traversal-one-step',
    title: 'The value is a path that begins one folder above',
    severity: 'warning',
    in: ['values'],
    finds: `^${step}[^\\s"'<>]{0,200}$`,
  },
  {
    id: 'traversal-to-a-setting',
    title: 'A way out of the folder to a file of settings, keys or logs',
    severity: 'critical',
    in: ['values', 'path'],
    finds: `^[^\\s"'<>()]{0,200}?${step}[^\\s"'<>()]{0,200}\\.(?:ini|conf|cfg|config|ya?ml|env|log|bak|old|sql|db|sqlite|mdb|pem|key|properties|passwd|htaccess|php\\d?|aspx?|jspx?)(?:\\x00|%00|$)`,
  },
]);

/** Files and addresses that are included. */
export const inclusionRules = rulesOf('file_inclusion', [
  {
    id: 'inclusion-system-file',
    title: 'A file of the system is named by its whole path',
    severity: 'critical',
    in: ['values'],
    finds: `^/?web-inf/[\\w./-]{1,64}$|^\\\\{2}[^\\\\\\s]{1,64}\\\\[a-z]\\$\\\\|^(?:file:/{0,3}|[a-z]:)?[\\s"']{0,4}(?:[/\\\\]{1,3}|[a-z]:[/\\\\]{1,2})[\\w.%\\\\/-]{0,32}?${surelySecretFile}[^\\s]{0,64}$`,
  },
  {
    id: 'inclusion-system-file-within',
    title: 'A file of accounts, of processes or of keys is named',
    severity: 'error',
    in: ['values', 'headers'],
    finds: String.raw`[/\\]etc[/\\]+(?:passwd|shadow|gshadow|sudoers)\b|[/\\]proc[/\\]+self[/\\]+\w|\bc:[/\\]+(?:windows[/\\]+(?:win\.ini|system32[/\\]+drivers)|boot\.ini)|[/\\]\.ssh[/\\]+id_|[/\\]web-inf[/\\]+web\.xml`,
  },
  {
    id: 'inclusion-system-file-in-header',
    title: 'A header names a file of accounts, of processes or of keys',
    severity: 'critical',
    in: ['headers'],
    finds: String.raw`[/\\]etc[/\\]+(?:passwd|shadow|gshadow|group|hosts|sudoers)\b|[/\\]proc[/\\]+self[/\\]+\w|(?:0x5c|0x2f|%5c|%2f|[/\\])(?:0x2e|%2e|\.){2}(?:0x5c|0x2f|%5c|%2f|[/\\])`,
    after: [],
  },
  {
    id: 'inclusion-wrapper',
    title: 'A stream of a programming language in place of a file',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: String.raw`\b(?:php://(?:input|filter|memory|temp|fd|stdin|output)|(?:phar|expect|zip|zlib|compress\.(?:zlib|bzip2)|glob|ogg|rar|ssh2\.\w+)://|data://text/|php://[^\s]{0,64}convert\.)|^[\s"']{0,4}(?:file|netdoc|jar:(?:file|https?)|local_file)(?::/)|\bfile:/{2,3}(?:etc|proc|var|root|c\||dev|localhost)\b`,
  },
  {
    id: 'inclusion-remote',
    title: 'The address of a program elsewhere, made to end what follows',
    severity: 'critical',
    in: ['values'],
    finds: String.raw`^\s{0,4}(?:https?|ftps?)://[^\s?#]{1,200}(?:\.(?:txt|php\d?|gif|jpe?g|png|dat|inc|cgi|pl)\?{1,2}$|\?{2,}$|\.(?:txt|php\d?|inc)(?:\x00|%00)|/(?:c99|r57|shell|cmd|backdoor|webshell)\d*\.(?:txt|php|jpg|gif|jsp|aspx?)\b)|^\s{0,4}(?:https?|ftps?)://\d{1,3}(?:\.\d{1,3}){3}(?::\d{1,5})?/[^\s]{0,128}\.(?:txt|php\d?|sh|py|pl|exe|ps1|bat|elf|jsp)\b`,
  },
  {
    id: 'inclusion-upload',
    title: 'A file whose name is that of a program or of a server setting',
    severity: 'critical',
    in: ['fileNames'],
    finds: String.raw`\.(?:php\d?|phtml|phar|pht|phps|asp|aspx|ashx|asmx|asa|cer|jsp|jspx|jspf|jsw|cgi|pl|sh|bash|exe|dll|cmd|bat|com|ps1|vbs|hta|htaccess|htpasswd|user\.ini|shtml|cfm|war)(?:[\s.;:%/\\]|\x00|::\$data|$)|^\.(?:htaccess|htpasswd|user\.ini)|\x00|[/\\]\.\.|\.\.[/\\]`,
  },
  {
    id: 'inclusion-secret-path',
    title: 'A path of settings, sources or backups that is never served',
    severity: 'critical',
    in: ['path'],
    finds: String.raw`/\.(?:git|svn|hg|bzr)(?:/|$)|/\.(?:env|htpasswd|htaccess|aws|ssh|docker|npmrc|netrc|pgpass|bash_history|mysql_history|DS_Store|ftpconfig|vscode/sftp\.json|idea/)(?:[./]|$)|/(?:web-inf|meta-inf)/|/wp-config\.php|/(?:etc|proc/self|windows/win\.ini|boot\.ini)(?:/|$)|/web\.config$|/(?:composer|phpinfo|adminer|eval-stdin|shell|c99|r57|webshell)\.(?:php|phar)$|/actuator/(?:env|heapdump|threaddump|jolokia|gateway/routes|shutdown)|/_ignition/execute-solution|/cgi-bin/[^?]{0,64}\.sh$|/(?:id_rsa|id_dsa|server\.key|private\.key|dump\.sql|backup\.sql|database\.sql)$|/[^/]{1,64}\.(?:bak|swp|old|orig|save|sql)(?:\.(?:zip|gz|tar|tgz|bz2|7z))?$`,
  },
]);
