import { headerNamed, nameBut, rulesOf } from './table.ts';

/** The machine itself, in all the ways that an address may be written. */
const loopback = String.raw`(?:localhost(?:\.localdomain)?|127\.\d{1,3}(?:\.\d{1,3}){0,2}|0(?:\.0){0,3}|0+177(?:\.0*\d{1,3}){0,3}|0x7f(?:[0-9a-f]{6}|(?:\.0x?[0-9a-f]{1,3}){1,3})|017700000001|2130706433|\[?:{1,2}(?:ffff:(?:127\.|7f00:)[\w.:]{0,16}|1|)\]|\[(?:0{1,4}:){1,7}0{0,3}1\]|127\.1|(?:[\w-]{1,40}\.)?(?:localtest\.me|lvh\.me|vcap\.me|localho\.st|spoofed\.burpcollaborator\.net)|[\w-]{0,40}127\.0\.0\.1\.(?:nip|xip|sslip)\.io|①②⑦)`;
const metadata = String.raw`(?:169[.。]254[.。]\d{1,3}[.。]\d{1,3}|169\.254\.\d{4,5}|169\.\d{7,8}|0{0,4}251\.0{0,4}376\.0{0,5}251\.0{0,5}376|0x[0-9a-f]{0,8}a9fea9fe|\[(?:0{1,4}:){5}ffff:(?:a9fe:a9fe|169\.254\.169\.254)\]|\[(?:0{1,4}:){6}169\.254\.169\.254\]|metadata\.(?:google\.internal|packet\.net|oraclecloud\.com|tencentyun\.com|azure\.(?:com|internal))|100\.100\.100\.200|192\.0\.0\.192|0xa9fea9fe|0xa9\.0xfe\.0xa9\.0xfe|2852039166|0251\.0376\.0251\.0376|\[?(?:::ffff:)?(?:169\.254\.169\.254|a9fe:a9fe)\]?|\[fd00:ec2::254\]|instance-data\b|[\w-]{0,40}169\.254\.169\.254\.(?:nip|xip|sslip)\.io)`;

/** Names of addresses that the caller's own browser is sent to: on the machine of a developer that is the machine itself. */
const browserAddress =
  '(?:redirect|callback|return|success|cancel|failure|logout|origin|referr?er|next|continue|relaystate|landing|homepage|back_?url)[^.]{0,16}(?:\\.\\d{1,4})?$';

/** Requests that the server is made to send. */
export const ssrfRules = rulesOf('ssrf', [
  {
    id: 'ssrf-metadata',
    title: 'The address at which a cloud tells its machines their secrets',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: `(?:^|//|@|[\\s"'=(\\[])${metadata}(?:[:/?#\\s"')\\]]|$)|latest/(?:meta-data|user-data|dynamic/instance-identity|api/token)|computemetadata/v1|/opc/v[12]/instance|metadata/(?:instance|identity)\\b.{0,64}api-version`,
  },
  {
    id: 'ssrf-loopback',
    title: 'The value is an address of the machine itself',
    severity: 'critical',
    in: ['arguments'],
    finds: `^\\s{0,4}(?:url\\s{0,2}[:=]\\s{0,2})?(?:(?:https?:|ftps?:|wss?:)[/\\\\]{1,3}|[/\\\\]{2}|(?:ipv6-)?localhost/$)(?:[^\\s/?#]{0,64}@)?${loopback}\\.?(?:[:/?#\\\\]|$)`,
    and: [nameBut(browserAddress)],
  },
  {
    id: 'ssrf-scheme',
    title: 'An address of a scheme that only servers and intruders use',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: String.raw`(?:^|["'(=\s])(?:gopher|dict|ldapi?|tftp|sftp|netdoc|jar|imaps?|pop3s?|smtps?|telnet|rtsp|smb|rmi|iiop|vbscript|unix)://[^\s]|\bgopher:[/%]`,
  },
  {
    id: 'ssrf-hidden-host',
    title: 'An address whose host is written as a number or hidden behind another',
    severity: 'critical',
    in: ['values'],
    finds: String.raw`^\s{0,4}https?:/{2}(?:\\{1,2}\w){3}|^\s{0,4}https?:/{2}[^/@\n]{1,64}\s&?@[^\n]{1,64}[@#]|^\s{0,4}(?:https?|ftp):/{0,3}(?:\d{8,10}|0x[0-9a-f]{8}|0[0-7]{8,11}|0x[0-9a-f]{1,2}(?:\.(?:0x[0-9a-f]{1,2}|\d{1,3})){1,3}|0\d{1,3}(?:\.0?\d{1,4}){3})(?:[:/?#]|$)|^\s{0,4}https?:/{2}[^\s/@]{1,64}(?:%23|%40|#|\\)@?[^\s/]{1,64}@|^\s{0,4}https?:/{2}[^\s/]{1,64}@(?:\d{1,3}\.){3}\d{1,3}\b`,
  },
  {
    id: 'ssrf-inner-network',
    title: 'The value is an address of an inner network',
    severity: 'warning',
    in: ['values'],
    finds: String.raw`^\s{0,4}(?:https?|ftp):/{2}(?:10\.\d{1,3}\.\d{1,3}\.\d{1,3}|192\.168\.\d{1,3}\.\d{1,3}|172\.(?:1[6-9]|2\d|3[01])\.\d{1,3}\.\d{1,3}|[\w-]{1,40}\.(?:internal|local|svc|cluster\.local|intranet|corp|lan))(?:[:/?#]|$)`,
  },
  {
    id: 'ssrf-listener',
    title: 'A service by which intruders learn that a request was sent',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: String.raw`\b(?:burpcollaborator\.net|oastify\.com|interact\.sh|interactsh\.com|oast\.(?:me|fun|live|pro|site|online|today)|dnslog\.(?:cn|link|pw)|ceye\.io|bxss\.me|xss\.ht|r87\.me|tplinklogin\.net\.oob)\b`,
  },
]);

/** Entities and inclusions of XML. */
export const xxeRules = rulesOf('xxe', [
  {
    id: 'xxe-entity',
    title: 'A declaration of an entity, or a document type that loads one',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: String.raw`<!entity\b|<!doctype\s{1,8}[^>\[]{0,128}(?:\[|\bsystem\b\s{0,8}["']|\bpublic\b\s{0,8}["'][^"']{0,200}["']\s{0,8}["'](?:file|ftp|php|expect|gopher|http://(?:127|169|localhost)))|<!(?:element|attlist|notation)\b|%\w{1,32};\s{0,4}\]\s{0,4}>`,
  },
  {
    id: 'xxe-inclusion',
    title: 'XML that includes a file, loads a style sheet or runs an extension',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: String.raw`<xi:include\b|xmlns:xi\s{0,4}=|www\.w3\.org/2001/xinclude|<\?xml-stylesheet\b|<xsl:(?:stylesheet|template|value-of|include|import|script)\b|xmlns:(?:msxsl|php|rt|ob|java|exsl|saxon)\s{0,4}=|php:function\s{0,4}\(|schemalocation\s{0,4}=\s{0,4}["'][^"']{0,200}(?:file:|ftp:|gopher:)`,
  },
]);

/** Programs that look for holes. */
export const scannerRules = rulesOf('scanner', [
  {
    id: 'scanner-program',
    title: 'A program that looks for holes names itself',
    severity: 'critical',
    in: ['userAgent'],
    after: [],
    finds: String.raw`\b(?:sqlmap|nikto|nessus|acunetix|netsparker|invicti|w3af|dirbuster|dirb\b|gobuster|feroxbuster|ffuf|fuzz faster|wfuzz|wpscan|nuclei|masscan|zgrab|zmeu|havij|arachni|openvas|skipfish|whatweb|joomscan|commix|hydra|jaeles|xsstrike|dalfox|xsser|appscan|webinspect|fimap|sqlninja|sqlsus|absinthe|bsqlbf|pangolin|nmap scripting engine|nmap nse|jorgee|morfeus|muieblackcat|paros|vega/|websecurify|grendel-scan|whisker|brutus|cgichk|n-stealth|metis|mysqloit|uil2pn|prog\.customcrawler|zaproxy|owasp zap|burp ?suite|burpcollaborator|detectify|qualys|rapid7|tenable|nexpose|crowbar|patator|gospider|hakrawler|dotdotpwn|pmafind|t0rnado|blackwidow|teh forest lobster|this is an exploit|security scan|vulnerability scan|wprecon|droopescan|cmsmap|sn1per|getintent|l9explore|l9tcpid|libredtail|hello,? ?world/?1\.0 scan)`,
  },
  {
    id: 'scanner-header',
    title: 'A header that only programs which look for holes send',
    severity: 'critical',
    in: ['everyHeader'],
    after: [],
    finds: String.raw`^(?:acunetix[-\w]{0,24}|netsparker[-\w]{0,24}|sqlmap/[\d.]+.*)$|\bacunetix_wvs_security_test\b|\bwvs_test\b`,
  },
  {
    id: 'scanner-probe-path',
    title: 'A path that scanners ask for',
    severity: 'critical',
    in: ['path'],
    after: [],
    finds: String.raw`/(?:acunetix-wvs-test|nessus\w{0,16}|nikto-test|w00tw00t|muieblackcat|hnap1/?$|boaform/|cgi-bin/luci/;|vtigercrm/|phpunit/.{0,64}eval-stdin|think\\?/?app/invokefunction|solr/admin/(?:cores|info)|druid/indexer|owa/auth/x\.js|autodiscover/autodiscover\.json.{0,64}powershell|tmui/login\.jsp/\.\.;|manager/html|invoker/jmxinvokerservlet|console/css/%2e)`,
  },
]);

const control = '[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\x7f]';

/** Requests that are not what the protocol means. */
export const protocolRules = rulesOf('protocol', [
  {
    id: 'protocol-split-response',
    title: 'Line ends and a header of HTTP in a parameter',
    severity: 'critical',
    in: ['query', 'path', 'headers'],
    finds: String.raw`[\r\n][\t ]?(?:(?:set-cookie2?|location|refresh|content-(?:type|length|disposition|location|security-policy)|transfer-encoding|x-[\w-]{1,32}|access-control-[\w-]{1,32}|host|link|connection)[\t ]{0,4}:|http/\d[\d.]{0,3}\s{1,4}\d{3})|[\r\n]\s{0,8}(?:get|post|put|delete|head|options|patch|connect|trace)\s{1,4}\S{1,200}\s{1,4}http/\d`,
  },
  {
    id: 'protocol-request-within',
    title: 'A whole request within a value',
    severity: 'critical',
    in: ['values'],
    finds: String.raw`[\r\n](?:get|post|put|delete|head|options|patch|connect|trace)\s{1,4}(?:/|https?://)\S{0,200}\s{1,4}http/\d|[\r\n]http/1\.[01]\s{1,4}\d{3}\s|[\r\n]{1,4}(?:transfer-encoding\s{0,4}:\s{0,4}chunked|set-cookie\s{0,4}:\s{0,4}\w{1,64}=)`,
  },
  {
    id: 'protocol-line-in-name',
    title: 'A line end in the name of a parameter',
    severity: 'critical',
    in: ['queryNames'],
    finds: String.raw`[\r\n]`,
    after: [],
  },
  {
    id: 'protocol-mail-header',
    title: 'Line ends and a header of mail in a parameter',
    severity: 'critical',
    in: ['query'],
    finds: String.raw`[\r\n]\s{0,4}(?:b?cc|reply-to|mime-version|content-transfer-encoding)\s{0,4}:\s{0,4}\S`,
  },
  {
    id: 'protocol-mail-command',
    title: 'Line ends and a command of a mail server in a value',
    severity: 'critical',
    in: ['values', 'path'],
    finds: String.raw`[\r\n](?:rcpt\s{1,4}to|mail\s{1,4}from)\s{0,4}:\s{0,4}<?\S{1,64}@|^[^\n]{0,64}[\r\n]{1,2}(?:quit|rset|noop|data|capability|\w{1,4}\d{1,4}\s{1,4}(?:capability|fetch\s{1,4}\d|list\s|logout|select\s|examine\s|copy\s{1,4}\d|search\s{1,4}(?:all|charset|deleted|flagged|from|since|subject|text|unseen)\b)|\w{1,4}\s{1,4}store\s{1,4}\d{1,4}\s{1,4}[+-]?flags)[^\n]{0,64}(?:[\r\n]|$)`,
    after: [],
  },
  {
    id: 'protocol-nul',
    title: 'A NUL character in a value',
    severity: 'critical',
    in: ['values', 'path', 'headers'],
    finds: String.raw`\x00`,
    after: ['url_decode_uni'],
  },
  {
    id: 'protocol-control',
    title: 'Control characters in a parameter',
    severity: 'error',
    in: ['query', 'path'],
    finds: control,
    after: [],
  },
  {
    id: 'protocol-overlong',
    title: 'A character in more bytes than it needs',
    severity: 'critical',
    in: ['uri'],
    finds: String.raw`%c0%[89ab][0-9a-f]|%c1%[0-9a-f]{2}|%e0%[89]\w%|%f0%80|%c0%(?:2e|2f|5c)|%f8%|%fc%80`,
    after: [],
  },
  {
    id: 'protocol-hidden-ascii',
    title: 'Plain characters written as %u00xx',
    severity: 'error',
    in: ['uri'],
    finds: '%u(?:00[0-7][0-9a-f]|ff[0-5][0-9a-f])',
    after: [],
  },
  {
    id: 'protocol-method',
    title: 'A method that nobody needs',
    severity: 'critical',
    in: ['method'],
    finds: '^(?:trace|track|debug|connect|proppatch|mkcol|copy|move|lock|unlock|arbitrary|test|x)$',
    after: [],
  },
  {
    id: 'protocol-method-override',
    title: 'A header that puts another method in place of the one that was checked',
    severity: 'critical',
    in: [headerNamed('x-http-method-override'), headerNamed('x-http-method'), headerNamed('x-method-override')],
    finds: String.raw`^\s{0,4}(?:trace|track|connect|debug|put|delete|patch)\b`,
    after: [],
  },
  {
    id: 'protocol-proxy-header',
    title: 'A header that makes programs take the caller for their proxy, or another path for the one that was checked',
    severity: 'critical',
    in: [headerNamed('proxy'), headerNamed('x-original-url'), headerNamed('x-rewrite-url')],
    finds: '.',
    after: [],
  },
  {
    id: 'protocol-coding',
    title: 'A content type or transfer coding that hides the body',
    severity: 'critical',
    in: [headerNamed('content-type'), headerNamed('transfer-encoding'), headerNamed('content-encoding')],
    finds: String.raw`charset\s{0,4}=\s{0,4}["']?(?:utf-?7|utf-?16|utf-?32|ibm\d|cp\d{3}\b|ebcdic|iso-2022|hz-gb|x-)|,\s{0,4}(?:identity|chunked)|%\{|\$\{|\(#|multipart/form-data.{0,64}(?:%\{|#)|boundary=.{0,100}boundary=`,
    after: [],
  },
  {
    id: 'protocol-range',
    title: 'More ranges than a reader asks for',
    severity: 'critical',
    in: [headerNamed('range'), headerNamed('request-range')],
    finds: String.raw`(?:\d*-\d*\s{0,4},\s{0,4}){5,}`,
    after: [],
  },
]);

/** Sessions that somebody else has chosen. */
export const sessionRules = rulesOf('session_fixation', [
  {
    id: 'session-cookie-set',
    title: 'A value that sets a cookie in a page',
    severity: 'critical',
    in: ['values'],
    finds: String.raw`\.cookie\b\s{0,4}=\s{0,4}["'\x60]?[^;]{0,128};?\s{0,4}(?:expires|domain|path|max-age)\s{0,4}=|http-equiv\s{0,4}=\s{0,4}["']?set-cookie|\bdocument\.cookie\s{0,4}=\s{0,4}["'\x60]`,
  },
  {
    id: 'session-id-in-query',
    title: 'The id of a session in the query',
    severity: 'warning',
    in: ['query'],
    finds: String.raw`^(?:jsessionid|phpsessid|aspsessionid\w{0,16}|asp\.net_sessionid|cfid|cftoken|cfsid|jservsession|jwsession|_flask_session|connect\.sid|laravel_session)$`,
    after: [],
  },
]);
