import { condition, foundText, rulesOf } from './table.ts';

const queryOperator = String.raw`\$(?:ne|eq|gte?|lte?|regex|where|nin|exists|elemmatch|not|nor|function|accumulator|expr|jsonschema|mod|size|type|lookup|options)`;

/** Classes that chains of deserialization are made of. */
const gadgets = [
  ...['CloneTransformer', 'ForClosure', 'InstantiateFactory', 'InstantiateTransformer', 'InvokerTransformer'],
  ...['PrototypeCloneFactory', 'PrototypeSerializationFactory', 'WhileClosure', 'ProcessBuilder', 'TemplatesImpl'],
  ...['JdbcRowSetImpl', 'BadAttributeValueExpException', 'AnnotationInvocationHandler', 'ChainedTransformer'],
];

/** What surely stands in Base64 for a text, at each of the three places that it may begin at. */
function inBase64(text: string): readonly string[] {
  return [0, 1, 2].map((before) => {
    const whole = Buffer.concat([Buffer.alloc(before), Buffer.from(text)]);
    // The first and the last characters depend on what stands around.
    return whole.toString('base64').slice(Math.ceil((before * 8) / 6), Math.floor((whole.length * 8) / 6));
  });
}

const encodedGadgets = gadgets.flatMap((name) => [...inBase64(name), ...inBase64(name.toLowerCase())]);

/** Code of programming languages, objects that run on being read, and queries without SQL. */
export const codeRules = rulesOf('code_injection', [
  {
    id: 'code-php',
    title: 'Code or request variables of PHP',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`\$_(?:get|post|request|server|cookie|files|session|env)\s{0,4}\[|\$globals\s{0,4}\[|^[^\w\n]{0,16}(?:system|exec|passthru|shell_exec|popen|proc_open|pcntl_exec|assert|phpinfo|file_get_contents|readfile|highlight_file|show_source|fopen|include_once|require_once|call_user_func\w{0,6}|create_function|base64_decode|preg_replace|var_dump|print_r|scandir|eval|unserialize|fputs|file_put_contents|move_uploaded_file|ini_set|chr)\s{0,4}\(\s{0,4}(?:["'$]|\w{1,24}\(|\)|\d+\)\.)|\b(?:eval|assert)\s{0,4}\(\s{0,4}(?:base64_decode|gzinflate|str_rot13|stripslashes|\$|gzuncompress)|;\s{0,4}(?:system|passthru|shell_exec|phpinfo|proc_open)\s{0,4}\(\s{0,4}(?:["'$]|\))|^[^\s]{0,16}["']\s{0,4}[.;]\s{0,4}(?:system|exec|passthru|shell_exec|phpinfo|eval|print|md5|file_get_contents|die)\s{0,4}\(|\b(?:print|exec|system|passthru|shell_exec)\s{0,4}\(\s{0,4}\x60|^\W{0,4}\(\s{0,4}["']?(?:system|exec|passthru|shell_exec|eval|assert)["'\s]{0,8}\)\s{0,4}\(|\$\{\s{0,4}@?(?:phpinfo|system|eval|print|passthru)\s{0,4}\(|[)"'\]}]\s{0,4}(?:/\*[^*\n]{0,32}\*/\s{0,4})?\(\s{0,4}["'](?:uname|id|ls|whoami|pwd|cat\s|hostname|ifconfig|dir)\b[^"'\n]{0,40}["']\s{0,4}\)`,
  },
  {
    id: 'code-php-tag',
    title:
      'PHP on the line of its tag, or with a call that runs commands or code; a pasted file has a line for the tag',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`<\?(?:php\b|=)`,
    and: [
      foundText(
        String.raw`<\?(?:php\b|=)[^\S\r\n]{0,8}(?:[^\s]|\s{0,8}$)|\b(?:system|exec|passthru|shell_exec|popen|proc_open|pcntl_exec|assert|phpinfo|eval|base64_decode|create_function|fsockopen|move_uploaded_file)\s{0,4}\(`,
      ),
    ],
  },
  {
    id: 'code-php-function',
    title: 'A call of PHP that runs commands or code',
    severity: 'error',
    in: ['values'],
    finds: String.raw`\b(?:shell_exec|passthru|proc_open|pcntl_exec|create_function|call_user_func_array|allow_url_include|auto_prepend_file|disable_functions|open_basedir|phpinfo\s{0,4}\(\s{0,4}\))`,
  },
  {
    id: 'code-php-setting',
    title: 'A setting of PHP by a parameter',
    severity: 'critical',
    in: ['names', 'values', 'uri'],
    finds: String.raw`(?:allow_url_include|auto_prepend_file|auto_append_file|safe_mode|disable_functions|open_basedir)\s{0,4}(?:=|%3d)`,
  },
  {
    id: 'code-java',
    title: 'Java that starts programs or loads classes',
    severity: 'critical',
    in: ['values', 'names', 'headers', 'path'],
    finds: String.raw`\bgetruntime\s{0,4}\(\s{0,4}\)\s{0,4}\.\s{0,4}exec|java\.lang\.(?:runtime\b|processbuilder\b)|@java\.lang\.|\bclass(?:\.|\[["']?)module(?:\.|\]?\[["']?)class_?loader|\bclass\.(?:classloader|protectiondomain)|\bnew\s{1,4}java\.|javax\.(?:script\.scriptenginemanager|naming\.initialcontext)|\.getclass\s{0,4}\(\s{0,4}\)\s{0,4}\.(?:forname|getclassloader|getmethod|getdeclared)|#_memberaccess|\bcom\.opensymphony\.xwork2|\bognl\.\w|\bcom\.sun\.(?:rowset|org\.apache\.xalan)|\borg\.apache\.(?:commons\.collections\.functors|xalan\.xsltc)|\borg\.springframework\.context\.support\.(?:class|file)path|\bt\(\s{0,4}java\.lang|\bunmarshaller\b.{0,64}\bbase64data|\bnashorn\b|\bgroovy\.(?:lang|util)\.|\bbcel\b.{0,8}\$\$|\$\$bcel\$\$`,
  },
  {
    id: 'code-java-class',
    title: 'The value is the name of a class of Java that intruders load, or holds one of a gadget',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: String.raw`^(?:[\w.-]{1,40}=)?\W{0,4}(?:java\.(?:io|lang|util|net|nio|rmi|sql|security|beans|runtime|processbuilder)|javax\.(?:script|naming|management|xml)|com\.sun|sun\.(?:misc|reflect)|org\.(?:omg|apache\.(?:commons|struts|struts2|catalina|xalan)|springframework\.(?:context|beans)))(?:\.[\w$]{1,64}){0,8}\W{0,4}$|\b(?:clone|chained|constant|instantiate|invoker|lazy)(?:transformer|map)\b|\b(?:forclosure|whileclosure|instantiatefactory|prototype(?:clone|serialization)factory|templatesimpl|jdbcrowsetimpl|badattributevalueexpexception|annotationinvocationhandler|methodclosure|convertedclosure)\b|\bprocessbuilder\.\w|\bjava\.runtime\b`,
  },
  {
    id: 'code-php-call-alone',
    title: 'The value is a call of a function of PHP',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: String.raw`^[^\w\n]{0,16}(?:(?:posix|pg|mysqli?|curl|ob|gz|bz|stream|socket|proc|pcntl|apc|session|ftp|ldap|imap|odbc|sqlite|oci|shm|sem|msg|func|get_defined|readline|openssl|highlight|php|ini|error|call_user|array|str|is|var)_?[a-z]{0,12}_[a-z_]{2,32}|bzdecompress|bzcompress|gzinflate|gzuncompress|strrev|str_rot13|array_map|usort|uasort|uksort|array_filter|parse_str|putenv|getenv|symlink|unlink|tempnam|tmpfile|fgets|fread|fwrite|fsockopen|opendir|readlink|exec|system|passthru|phpinfo|phpversion|phpcredits|zend_version|php_uname|getmyuid|gethostname)(?:\s|/\*[^*]{0,32}\*/|(?:#|//)[^\n]{0,32}\n){0,8}\([^\n]{0,200}\)\W{0,8}$|^[^\w\n]{0,4}\$\w{1,32}(?:\s{0,4}[\[{][^\]}\n]{1,32}[\]}]){0,3}\s{0,4}(?:/\*[^*\n]{0,32}\*/\s{0,4})?\([^)\n]{0,64}\)\W{0,4}$|\[/?php\]|^[^\w\n]{0,8}\$\s{0,2}\{[^}\n]{1,32}\}\s{0,4}(?:\[[^\]\n]{1,32}\]\s{0,4}){0,2}\([^)\n]{0,64}\)|^[^\w\n]{0,4}\$?\w{0,16}\[[^\]\n]{1,32}\]\s{0,4}\(\s{0,4}[\d"']`,
  },
  {
    id: 'code-perl-call',
    title: 'A call of Perl within a text, or a loop that never ends',
    severity: 'critical',
    in: ['values'],
    finds: String.raw`@\{\s{0,4}\[\s{0,4}[&\w]|^\W{0,8}while\s{0,4}\(\s{0,4}(?:!{0,4}\s{0,2}(?:["'\x60]|\[|\{|-?\d)|true\b|1)[^)\n]{0,16}\)\s{0,4}(?:$|;|\{\s{0,4}\}?\s{0,4}$)|^process(?:\.env\b|\[)|\b__js_function\b`,
  },
  {
    id: 'code-node',
    title: 'JavaScript of a server that starts programs or reaches the process',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`process\s{0,4}\.\s{0,4}(?:mainmodule|binding\s{0,4}\(|dlopen)|\bglobal(?:this)?\s{0,4}[.\[]\s{0,4}["']?process|\brequire\s{0,4}\(\s{0,4}["'\x60](?:node:)?(?:child_process|vm|repl|cluster)["'\x60]\s{0,4}\)\s{0,4}\.\s{0,4}(?:exec|spawn|fork|run)|^[^\n]{0,80}\brequire\s{0,4}\(\s{0,4}["'\x60](?:child_process|fs|os|net|http)["'\x60]\s{0,4}\)\s{0,4}\.\s{0,4}\w{1,24}\s{0,4}\(|_\$\$nd_func\$\$_|\bconstructor\.constructor(?:\s{0,4}\(|$)|^\W{0,4}(?:module\.exports\s{0,4}=|new\s{1,4}function\s{0,4}\(|console\.(?:log|info|debug|error|warn|trace|dir)(?:\.(?:call|apply|bind))?\s{0,4}\([\w\s,.]{0,16}\))\W{0,8}$|\bimport\s{0,4}\(\s{0,4}["']child_process`,
  },
  {
    id: 'code-prototype',
    title: 'The prototype of all objects is named as a member',
    severity: 'critical',
    in: ['names', 'query'],
    finds: String.raw`(?:^|[.\[/'"])__proto__(?:$|[.\]/'"\[=])|constructor["'\]]{0,2}[.\[/]["'\[]{0,2}prototype`,
  },
  {
    id: 'code-prototype-within',
    title: 'An object in a text names the prototype of all objects',
    severity: 'critical',
    in: ['values'],
    finds: String.raw`["']__proto__["']\s{0,4}:|["']constructor["']\s{0,4}:\s{0,4}\{\s{0,4}["']prototype["']|^\s{0,4}__proto__\s{0,4}[.\[=]`,
  },
  {
    id: 'code-python',
    title: 'Python that starts programs or reaches what is built in',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`\.__(?:subclasses__\s{0,4}\(|globals__\s{0,4}[.\[]|builtins__|mro__\s{0,4}[\[.(]|bases__\s{0,4}\[|base__\s{0,4}\.|getattribute__\s{0,4}\(|code__\s{0,4}\.)|\[\s{0,4}["']__(?:globals|builtins|class|mro|subclasses|import|init|base)__["']\s{0,4}\]|__class__\.__(?:mro|bases?|subclasses|init|dict|globals)\b|\|\s{0,4}attr\s{0,4}\(\s{0,4}["']__|\b__import__\s{0,4}\(\s{0,4}["']|^[^\n]{0,40}\b(?:os\.(?:system|popen|exec\w{1,3}|spawn\w{1,3})|subprocess\.(?:popen|call|run|check_output|getoutput)|commands\.getoutput|pty\.spawn|platform\.popen)\s{0,4}\(|\bexec\s{0,4}\(\s{0,4}(?:compile|["']import|base64\.)|\beval\s{0,4}\(\s{0,4}(?:compile\s{0,4}\(|["']__)`,
  },
  {
    id: 'code-ruby-perl',
    title: 'Ruby or Perl that starts programs',
    severity: 'critical',
    in: ['values', 'path'],
    finds: String.raw`\b(?:kernel\.(?:system|exec|open|fork)|io\.popen|open3\.(?:capture|popen)|%x\(\s{0,4}\w|pty\.spawn)\b|^\s{0,4}\|\s{0,4}\w{1,16}\s{1,4}[/\w.-]{1,64}\s{0,4}\|?$|\buse\s{1,4}socket\s{0,4};`,
  },
  {
    id: 'code-object',
    title: 'A serialized object that may run on being read',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: String.raw`\b[oc]:\+?\d{1,4}:\\?"[\w\\]{1,128}\\?":\+?\d{1,4}:\{|\brO0AB[A-Za-z0-9+/=]{8,}|\baced0005[0-9a-f]{8,}|\bAAEAAAD/{5}|!!(?:python/(?:object|name|module)|javax?\.|com\.|org\.|ruby/)|!ruby/(?:object|hash|struct)|\bc(?:os|posix|__builtin__|subprocess|builtins)\n(?:system|eval|exec|popen)|"@type"\s{0,4}:\s{0,4}"(?:com\.sun|java\.|javax\.|org\.apache|com\.mchange|ch\.qos|\[?L?com)|\bgASV[A-Za-z0-9+/]{16,}|\bysoserial\b|\$type["']\s{0,4}:\s{0,4}["']system\.(?:windows|diagnostics|configuration)|objectdataprovider`,
  },
  {
    id: 'code-object-in-base64',
    title: 'Base64 of a serialized object of Java, or of a class that chains of objects are made of',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: `^(?:rO0AB|KztAA|Cs7QA)[A-Za-z0-9+/_=-]|^cnVudGltZQ={0,2}$|${encodedGadgets.map((text) => text.replaceAll('+', '\\+')).join('|')}`,
    after: [],
  },
  {
    id: 'nosql-operator-name',
    title: 'An operator of a document database in a name',
    severity: 'critical',
    in: ['names'],
    finds: `(?:^|[.\\[/])${queryOperator}(?:$|[\\].\\[/])`,
  },
  {
    id: 'nosql-operator-value',
    title: 'An operator or a program of a document database in a value',
    severity: 'critical',
    in: ['values'],
    finds: `^[\\s\\[]{0,8}\\{\\s{0,4}["']?${queryOperator}["']?\\s{0,4}:|^[\\s\\[{]{0,8}["']?[\\w.-]{1,32}["']?\\s{0,4}:\\s{0,4}\\{\\s{0,4}["']${queryOperator}["']\\s{0,4}:\\s{0,4}(?:["'\\[{]|null|true|-?[01]\\b)|["']\\$(?:where|function|accumulator|expr)["']\\s{0,4}:\\s{0,4}["'{]|^[^\\s"']{0,32}["']\\s{0,4}(?:\\|\\||&&)\\s{0,4}(?:["'\\d]\\w{0,16}["']?\\s{0,4}={2,3}|this\\.\\w+)|^[^\\n]{0,64}\\bthis\\.\\w{1,32}\\.(?:match\\s{0,4}\\(\\s{0,4}/|constructor\\s{0,4}\\()|["']\\s{0,4};\\s{0,4}(?:return\\s{1,4}(?:true|1|this\\.)|while\\s{0,4}\\(\\s{0,4}(?:1|true)|sleep\\s{0,4}\\(|var\\s{1,4}\\w{1,16}\\s{0,4}=\\s{0,4}new\\s{1,4}date)|[\\w'"]\\s{0,4},\\s{0,4}\\$(?:where|or|and|ne|gt)\\s{0,4}:\\s{0,4}['"\\[{]|;\\s{0,4}var\\s{1,4}\\w{1,16}\\s{0,4}=\\s{0,4}new\\s{1,4}date\\s{0,4}\\(\\s{0,4}\\)\\s{0,4};\\s{0,4}do\\s{0,4}\\{|\\bdb\\.(?:\\w{1,32}\\.(?:find|insert|drop|remove)|getcollectionnames|version)\\s{0,4}\\(|^\\$(?:where|ne|gt|regex)$`,
  },
  {
    id: 'ldap-filter',
    title: 'Parts of an LDAP filter in a value',
    severity: 'critical',
    in: ['values'],
    finds: String.raw`(?:^|[\w*])\)\s{0,4}\(\s{0,4}(?:[|&!]\s{0,4}(?:\(|$)|\(?\w{1,32}\s{0,4}(?:[~<>]?=|:=)\s{0,4}[*\w(])|^[*(][^\s]{0,32}\)\([^\s]{1,64}=|\(\s{0,4}[|&]\s{0,4}\(\s{0,4}\w{1,32}\s{0,4}[~<>]?=|\*\s{0,4}\)\s{0,4}\(\s{0,4}(?:[|&]|\w{1,32}\s{0,4}=)|\)\)\s{0,4}\(\s{0,4}[|&]\s{0,4}\(|\b\w{1,32}:\d(?:\.\d{1,6}){3,12}:=`,
  },
  {
    id: 'xpath-query',
    title: 'Parts of an XPath query in a value',
    severity: 'critical',
    in: ['values'],
    finds: String.raw`\b(?:count|name|local-name|string-length|substring|normalize-space|namespace-uri)\s{0,4}\(\s{0,4}(?:/{1,2}|\(?\.{0,2}/|name\s{0,4}\(|parent::|child::|ancestor::|self::|\.\.)|\b(?:parent|ancestor(?:-or-self)?|descendant(?:-or-self)?|child|(?:following|preceding)(?:-sibling)?|self|attribute)::(?:node\(|text\(|\*)|[/\[|]\s{0,4}(?:parent|ancestor(?:-or-self)?|descendant(?:-or-self)?|child|(?:following|preceding)(?:-sibling)?|self|attribute)::\w|["']\s{0,4}\](?:\||/{1,2}\w)|\]\s{0,4}\|\s{0,4}/{1,2}[\w*]|["']\s{0,4}\|\s{0,4}/{2}[\w*]|/\s{0,4}(?:text|node|comment)\s{0,4}\(\s{0,4}\)|["']\s{0,4}(?:or|and)\s{1,4}(?:position|last|true|name|contains|starts-with)\s{0,4}\(|\bdoc(?:-available)?\s{0,4}\(\s{0,4}["']?(?:https?|file|concat)`,
  },
  {
    id: 'code-call-alone',
    title: 'The value is a call that evaluates or runs a text',
    severity: 'error',
    in: ['values'],
    finds: String.raw`^\W{0,8}(?:eval|exec|execute|system|assert|compile|new\s{1,4}function|function|popen|spawn|shell)\s{0,4}\(\s{0,4}["'\x60][^\n]{0,256}\)\W{0,8}$`,
    and: [condition(['values'], String.raw`\(`)],
  },
]);
