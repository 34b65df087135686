import { rulesOf } from './table.ts';

const sink = String.raw`(?:alert|confirm|prompt|eval|settimeout|setinterval|fetch|function|print|atob|import|execscript|document\.(?:write(?:ln)?|location\.\w+))`;

/** Scripts put into a page. */
export const xssRules = rulesOf('xss', [
  {
    id: 'xss-shape',
    title: 'The value becomes an element, an event or an address that runs in a page',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: { kind: 'html_shape' },
  },
  {
    id: 'xss-script-element',
    title: 'An element that runs a script, loads a frame or ends one',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`<\s{0,4}/?\s{0,4}script\b|<(?:iframe|object|embed|applet|frameset|svg|math|base|meta|link)(?:[\s/][^>]{0,256})?(?:\bon\w{3,24}\s{0,4}=|javascript:|data:text/html|\bsrcdoc\s{0,4}=|http-equiv)`,
  },
  {
    id: 'xss-event',
    title: 'An event of an element with a program',
    severity: 'critical',
    in: ['values', 'headers', 'path'],
    finds: String.raw`(?:<[a-z!?/][^<>]{0,256}|["'\x60/>]|^\S{0,64}\s|<[a-z!?/][^<>]{0,256}["'\x60]\s{1,8})\bon(?:error|load\w{0,8}|click|focus\w{0,3}|blur|mouse\w{2,8}|pointer\w{2,12}|key\w{2,6}|toggle|animation\w{2,12}|transition\w{2,8}|begin|start|finish|submit|change|input|resize|scroll\w{0,8}|wheel|drag\w{0,8}|drop|copy|cut|paste|beforeunload|hashchange|message|pageshow|popstate|play|canplay|show|search|select\w{0,8}|touch\w{2,8}|unhandledrejection|auxclick|contextmenu|dblclick)\s{0,8}=\s{0,8}["'\x60]?(?:(?:[^\s"'>{][^\s"'>]{0,63})?(?:[(\x60]|&#|&lpar|\\x28|\\u0028|=|location|eval|alert)|\{[^\s"'>(][^\s"'>]{0,63}(?:[(\x60]|&#|&lpar|\\x28|\\u0028|location|eval|alert))`,
  },
  {
    id: 'xss-program-address',
    title: 'An address that runs a program',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: String.raw`(?:=|^|["'(\x60\s\]])\s{0,4}(?:j\s{0,2}a\s{0,2}v\s{0,2}a|v\s{0,2}b|l\s{0,2}i\s{0,2}v\s{0,2}e)\s{0,2}s\s{0,2}c\s{0,2}r\s{0,2}i\s{0,2}p\s{0,2}t\s{0,2}:(?:(?:[^\s"'\x60v]|v[^\s"'\x60o])[^\s"'\x60]{0,63}[(\x60=]|vo(?:[^\si]|i[^\sd]|id(?:[^\s(]|\((?:[^0)]|0?\)(?:[^\s"'\x60;>)&]|;[^\s"'\x60>&])))))|data:(?:text/(?:html|javascript|xml)|application/(?:xhtml|xml|javascript)[^,]{0,8})[^,\s]{0,32},`,
  },
  {
    id: 'xss-out-of-a-script',
    title: 'A quote ends a string of a script, and a call follows',
    severity: 'critical',
    in: ['values', 'path'],
    finds: String.raw`^[^\s"'\x60]{0,32}\\?["'\x60][\s)\]}]{0,8}(?:[;,+*/|&^?:<>=-]|\bin\b|\binstanceof\b){1,4}[\s(\[{!+-]{0,8}(?:window|self|top|this|parent|frames|globalthis)?[\s.\[("'\x60]{0,4}${sink}[\s"'\x60\])]{0,4}(?:\(|\x60|\?\.)`,
  },
  {
    id: 'xss-call-of-a-page',
    title: 'A call that pages are probed with, or that reads what a page keeps secret',
    severity: 'critical',
    in: ['values', 'path'],
    finds: String.raw`^[^\s\w]{0,16}(?:alert|confirm|prompt)\s{0,4}(?:\(\s{0,4}(?:\d{1,6}|document\.\w+|["'\x60/][^"'\x60]{0,32}["'\x60/](?:\.source)?|)\s{0,4}\)|\x60[^\x60]{0,32}\x60)[^\w]{0,16}$|(?:location|src|href|action)(?:\.href)?\s{0,4}=\s{0,4}["'\x60](?:https?:)?//[^"'\x60]{1,128}["'\x60]\s{0,4}\+\s{0,4}(?:escape\(|encodeuricomponent\(|btoa\()?\s{0,4}document\.cookie|string\.fromcharcode\s{0,4}\(\s{0,4}\d{2,3}\s{0,4},\s{0,4}\d{2,3}|\beval\s{0,4}\(\s{0,4}(?:atob|unescape|string\.|location\.|decodeuri|name\b)|(?:window|self|top|parent|this|globalthis|frames)\s{0,4}(?:\[\s{0,4}["'\x60/($][^\]]{0,64}\]\s{0,4}){1,3}\(|^(?:\w{1,32}=)?\W{0,8}(?:document\.(?:cookie|write|domain|location|body\.(?:append|inner))|window\.(?:location|open|name))\b|\+AD[wx4]-`,
  },
  {
    id: 'xss-constructor-chain',
    title: 'A function made out of a text by way of a constructor',
    severity: 'critical',
    in: ['values', 'path'],
    finds: String.raw`(?:constructor\s{0,4}[.\]'"\[]{1,4}\s{0,4}constructor|\[\s{0,4}["'\x60]constructor["'\x60]\s{0,4}\]|\.constructor)\s{0,4}(?:\(\s{0,4}["'\x60][^"'\x60]{0,256}["'\x60]\s{0,4}\)\s{0,4}\(|["'\x60(\[])|\$eval\s{0,4}\(|\$on\.constructor|\[\]\[\(?!\[\]|\(!\[\]\+\[\]\)|\[\+!\+?\[\]\]|!!\[\]|\[\]\["(?:filter|find|flat|map|fill)"\]`,
  },
  {
    id: 'xss-style',
    title: 'A style that runs a program',
    severity: 'critical',
    in: ['values'],
    finds: String.raw`(?:style\s{0,4}=|[{;"'])[^<>]{0,128}(?:expression\s{0,4}\(\s{0,4}(?:alert|eval|document|window|this)|-moz-binding\s{0,4}:|behaviou?r\s{0,4}:\s{0,4}url|url\s{0,4}\(\s{0,4}["']?\s{0,4}(?:java|vb)script:)|@import\s{1,4}(?:url\()?\s{0,4}["']?(?:javascript:|//|data:)`,
  },
  {
    id: 'xss-elsewhere',
    title: 'Markup of a page that a server or a proxy carries out',
    severity: 'critical',
    in: ['values', 'headers'],
    finds: String.raw`<!--\s{0,4}#\s{0,4}(?:exec|include|echo|printenv|set|config|fsize)\b|<esi:(?:include|inline|vars|remove|comment|assign|eval)\b|<\?import\b|<(?:xsl|xss|vmlframe)\b|\[if\s{1,4}(?:lt|gt|lte|gte)?\s{0,4}ie\b`,
  },
  {
    id: 'xss-encoded-value',
    title: 'Base64 that holds a script for a page',
    severity: 'critical',
    in: ['values'],
    finds: String.raw`<(?:script\b|img\b[^>]{0,128}\bonerror\s{0,4}=|svg\b[^>]{0,128}\bonload\s{0,4}=|iframe\b)`,
    after: ['base64_decode'],
    paranoia: 2,
  },
]);
