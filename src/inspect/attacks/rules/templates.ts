import { rulesOf } from './table.ts';

const power = String.raw`(?:__class__|__mro__|__subclasses__|__globals__|__builtins__|__init__|__import__|_self\b|\bself\.|\bconfig(?:\.|\[|\s{0,2}\}|\.items)|\brequest\s{0,2}(?:\.|\[|\|)(?:application|environ|args|__|attr)|\b(?:lipsum|cycler|joiner|namespace|get_flashed_messages|url_for)\b|\bconstructor\b|\bapp\.request\b|\|\s{0,4}(?:attr|filter|map|system|passthru|exec|e\('|reduce|sort\(')|\bpopen\b|\bos\.|\bsystem\s{0,4}\(|\bphpinfo\b|\bregisterundefinedfiltercallback\b|\bgetruntime\b|\bjava\.|\bt\(java|\bclass\.|\bgetclass\b|\bprocess\.|\brequire\b|\bglobal\.|#with|\bdebug\b|\bdump\s{0,4}\(|\bsettings\.secret|\.forname\b|\bself\b\s{0,2}\})`;
const sum = String.raw`['"]?-?\d{1,9}['"]?\s{0,4}[*+/-]\s{0,4}['"]?\d{1,9}['"]?`;

/** Expressions for the templates of a server. */
export const templateRules = rulesOf('template_injection', [
  {
    id: 'template-braces',
    title: 'A template expression that computes or reaches into the server',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: `\\{\\{[-\\s(]{0,4}(?:${sum}\\s{0,4}\\)?[-\\s]{0,4}\\}\\}|[^}]{0,200}?${power})|\\{%[-\\s]{0,4}[^%]{0,200}?(?:${power}|\\bimport\\b|\\binclude\\s{1,4}['"])|\\{(?:php|system|literal)\\}|\\{\\$smarty\\.|\\{(?:system|exec|passthru|phpinfo)\\(`,
  },
  {
    id: 'template-dollar',
    title: 'An expression of a server in braces behind a sign',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: `[$#*@%~]\\{{1,2}\\s{0,4}(?:${sum}\\s{0,4}\\}|[^}]{0,200}?(?:\\bt\\(\\s{0,4}java|\\bjava\\.(?:lang|io|util|net)\\.|\\bjavax\\.|getruntime|getclass\\(|processbuilder|\\bclass\\.forname|#_memberaccess|#context|@ognl\\.|\\(#\\w{1,32}\\s{0,4}=|\\bsystem\\s{0,4}\\(|\\bexec\\s{0,4}\\(|__import__|__class__|\\bpopen\\b|require\\s{0,4}\\(|process\\.(?:env|mainmodule|exit)|file\\.(?:open|read)|kernel\\.|%x[\\[({]|applicationscope|sessionscope|facescontext|pagecontext))|@\\(\\s{0,4}${sum}\\s{0,4}\\)|\\[\\[\\$?\\{?\\s{0,4}${sum}|__\\$\\{[^}]{0,200}\\}__|\\(#\\w{1,32}\\s{0,4}=\\s{0,4}@`,
  },
  {
    id: 'template-tags',
    title: 'Code within the marks of a template',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: `<%[=@#-]?\\s{0,4}(?:${sum}\\s{0,4}-?%>|[^%]{0,200}?(?:system\\s{0,4}[('"]|exec\\s{0,4}[('"]|\\x60|file\\.|dir\\.|io\\.|kernel|runtime|request\\.getparameter|response\\.write|eval|page\\s{1,4}import|out\\.print|process|%x|server\\.))|<#assign\\b|freemarker\\.template\\.utility|\\?new\\(\\)|#set\\s{0,4}\\(\\s{0,4}\\$\\w{1,32}\\s{0,4}=|\\$class\\.inspect|#(?:foreach|evaluate|include|parse)\\s{0,4}\\(\\s{0,4}["'$]|\\{\\{#with\\s{1,4}"s"|#\\{\\s{0,4}(?:${sum}|%x|\\x60|system|exec|io\\.|file\\.)|<\\?(?:java|jelly)\\b|<j:jelly`,
  },
]);

/** Lookups that a logger resolves. */
export const lookupRules = rulesOf('lookup', [
  {
    id: 'lookup-jndi',
    title: 'A lookup of a name service in a text that may be logged',
    severity: 'critical',
    in: ['values', 'everyHeader', 'path', 'uri'],
    finds: String.raw`\$\{\s{0,4}(?:jndi|j\$\{|\$\{[^}]{0,32}\}\s{0,4}(?:ndi|n|d|i|\$)|[^}\s]{0,64}\$\{[^}\s]{0,32}:?-?[jndi]\})|\$\{(?:lower|upper|::-|env:[^}]{0,32}:-|sys:[^}]{0,32}:-|date:'?)[^}]{0,4}[jndilmrps]'?\}|\bjndi\s{0,4}:\s{0,4}(?:ldaps?|rmi|dns|iiop|corba|nis|nds|http)|\$\{[^}]{0,64}:-[jndi:]\}`,
  },
  {
    id: 'lookup-secret',
    title: 'A lookup of what the server keeps in its environment',
    severity: 'critical',
    in: ['values', 'everyHeader', 'path'],
    finds: String.raw`\$\{(?:env|sys|java|docker|k8s|spring|bundle|ctx|main|web|log4j|base64|script|dns|url|const|file|resourcebundle):[^}]{0,64}(?:secret|passw|token|key_id|aws_|access|:-|javascript:|utf-?8:|user\.name|java\.version|hostname|runtime|version|classpath)`,
  },
]);
