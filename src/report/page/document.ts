import { clean, html, type Markup, plain } from '../markup.ts'
import { base64 } from '../raster/png.ts'
import { pageScript } from './script.ts'
import { type EmbeddedFont, pageStyle } from './style.ts'

export interface DocumentAssets {
  fonts: readonly EmbeddedFont[]
  sha256: (bytes: Uint8Array) => Uint8Array
}

/** Inline style and script go by their digest: nothing that an id could smuggle in would run, and nothing may connect. */
function policy(style: string, script: string | null, sha256: DocumentAssets['sha256']): string {
  const digest = (text: string) => `'sha256-${base64(sha256(new TextEncoder().encode(text)))}'`
  return [
    "default-src 'none'",
    `style-src ${digest(style)}`,
    script === null ? "script-src 'none'" : `script-src ${digest(script)}`,
    'img-src data:',
    'font-src data:',
    "connect-src 'none'",
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ')
}

/** The shell of a page: head, policy, style, body, script. */
export function htmlDocument(
  page: { title: string; description: string; body: Markup; script: boolean },
  assets: DocumentAssets,
): string {
  const style = pageStyle(assets.fonts)
  const script = page.script ? pageScript : null
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy(style, script, assets.sha256)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="robots" content="noindex, noarchive">
${
  html`<title>${plain(clean(page.title, 120))}</title>
<meta name="description" content="${plain(page.description)}">`.text
}
<style>${style}</style>
</head>
<body>
${page.body.text}
${script === null ? '' : `<script>${script}</script>`}
</body>
</html>
`
}

export const doctorNotice = 'Research use only: does not replace a doctor’s advice.'

/** Both standing notices; on every page at top and bottom. */
export function notices(controlled: string): Markup {
  return html`<div class="notices"><p><strong>${doctorNotice}</strong></p><p><strong>Controlled access.</strong> ${controlled}</p></div>`
}
