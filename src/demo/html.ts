import { createHash } from 'node:crypto';

const style = `
:root { color-scheme: light; font: 16px/1.5 system-ui, sans-serif; color: #1c2430; background: #eef1f5 }
body { margin: 0; min-height: 100vh; display: grid; place-items: center }
main { background: #fff; width: 22rem; padding: 2rem; border-radius: .75rem; box-shadow: 0 1px 4px #0002 }
h1 { margin: 0 0 .25rem; font-size: 1.35rem }
p { margin: .25rem 0 1rem; color: #566172 }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 1rem 0 }
dt { color: #566172 } dd { margin: 0; font-weight: 600 }
form, nav { display: grid; gap: .5rem; margin-top: .75rem }
button, a.button { font: inherit; padding: .5rem; border: 1px solid #2456c8; border-radius: .4rem; background: #2456c8; color: #fff; text-align: center; text-decoration: none; cursor: pointer }
button.quiet, a.quiet { background: #fff; color: #2456c8 }
input { font: inherit; padding: .45rem; border: 1px solid #b6c0cd; border-radius: .4rem }
small { color: #566172 } button small { color: #dbe6ff }
`;

const styleHash = createHash('sha256').update(style).digest('base64');

/** The headers of a page of ours: it loads nothing, stands in no frame, and may only ask its own origin. */
export const pageHeaders: Readonly<Record<string, string>> = Object.freeze({
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  // Without form-action: browsers hold it against the redirects that a login or a logout leads through.
  'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; connect-src 'self'; base-uri 'none'; frame-ancestors 'none'`,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
});

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text as it stands in HTML, in an attribute too. */
export const escaped = (text: string): string => text.replace(/[&<>"']/g, (sign) => entities[sign] ?? sign);

/** A whole page; the title is text, the content HTML. */
export const htmlPage = (title: string, content: string): string =>
  `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>${escaped(title)}</title><style>${style}</style></head>
<body><main><h1>${escaped(title)}</h1>${content}</main></body>
</html>
`;
