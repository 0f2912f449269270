import { type RoleName, roles } from './tokens.ts'

/** Text that is HTML or SVG already. Everything else is escaped on its way in. */
export class Markup {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

export type Content = Markup | string | number | null | undefined | false | readonly Content[]

// Private-use characters mark superscript and italic inside plain strings, so that one sentence serves HTML, SVG and text.
const supStart = '\ue000'
const supEnd = '\ue001'
const italicStart = '\ue002'
const italicEnd = '\ue003'
const subStart = '\ue004'
const subEnd = '\ue005'

export const sup = (text: string): string => `${supStart}${text}${supEnd}`
export const sub = (text: string): string => `${subStart}${text}${subEnd}`
export const italic = (text: string): string => `${italicStart}${text}${italicEnd}`

/**
 * A name that came from a file, made safe to set: control characters, bidirectional overrides and our own marks are
 * dropped, and long names are cut with an ellipsis.
 */
export function clean(text: string, longest = 48): string {
  let out = ''
  for (const character of text) {
    const code = character.codePointAt(0) ?? 0
    const control = code < 0x20 || (code >= 0x7f && code < 0xa0)
    const direction = (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069)
    const forbidden = (code >= 0xe000 && code <= 0xf8ff) || (code >= 0xd800 && code <= 0xdfff) || code >= 0xfffe
    if (!control && !direction && (!forbidden || code > 0xffff)) out += character
  }
  const characters = [...out]
  return characters.length > longest ? `${characters.slice(0, longest - 1).join('')}…` : out
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

/** XML has no way to write control characters, so they are left out. */
const unwritable = (c: string) =>
  (c < ' ' && c !== '\t' && c !== '\n' && c !== '\r') || c === '\ufffe' || c === '\uffff'

/** Escapes for element content and quoted attributes, of HTML and XML alike. */
export function escapeText(text: string): string {
  let out = ''
  for (const c of text) if (!unwritable(c)) out += entities[c] ?? c
  return out
}

const withMarks = (text: string): string =>
  escapeText(text)
    .replaceAll(supStart, '<sup>')
    .replaceAll(supEnd, '</sup>')
    .replaceAll(subStart, '<sub>')
    .replaceAll(subEnd, '</sub>')
    .replaceAll(italicStart, '<i>')
    .replaceAll(italicEnd, '</i>')

function render(content: Content): string {
  if (content === null || content === undefined || content === false) return ''
  if (content instanceof Markup) return content.text
  if (Array.isArray(content)) return content.map(render).join('')
  return withMarks(String(content))
}

/** A template whose holes are escaped, unless they are markup. Marks for superscript and italic become elements. */
export function html(parts: TemplateStringsArray, ...holes: Content[]): Markup {
  return new Markup(parts.reduce((out, part, i) => out + render(holes[i - 1]) + part))
}

/** Joins markup with nothing between. */
export const join = (parts: readonly Content[]): Markup => new Markup(parts.map(render).join(''))

const superscripts: Record<string, string> = { '−': '⁻', '-': '⁻', '+': '⁺' }
for (const [i, c] of [...'⁰¹²³⁴⁵⁶⁷⁸⁹'].entries()) superscripts[String(i)] = c

/** The same sentence for places that hold only characters: titles, descriptions, files. */
export function plain(text: string): string {
  let raised = false
  let out = ''
  for (const c of text) {
    if (c === supStart) raised = true
    else if (c === supEnd) raised = false
    else if (c < supStart || c > subEnd) out += raised ? (superscripts[c] ?? c) : c
  }
  return out
}

/**
 * A sentence of a stage, cleaned; powers of ten written as `1.6 x 10^-6` or `1e-5` and `r2` are set, long whole
 * numbers are parted.
 */
export function typeset(sentence: string, longest = 4000): string {
  const power = (digits: string, sign: string, exponent: string) =>
    `${digits === '' ? '' : `${digits}\u00a0×\u00a0`}10${sup(`${sign === '-' ? '−' : ''}${exponent.replace(/^0+(?=\d)/, '')}`)}`
  return clean(sentence, longest)
    .replace(/(\d+(?:\.\d+)?) ?[x×] ?10\^(-?)(\d+)/g, (_, d, s, e) => power(d, s, e))
    .replace(/\b1e(-)(\d+)\b/g, (_, s, e) => power('', s, e))
    .replace(/\b(\d+(?:\.\d+)?)e(-)(\d+)\b/g, (_, d, s, e) => power(d, s, e))
    .replaceAll('<=', '≤')
    .replaceAll('>=', '≥')
    .replace(/(?<=\p{L})'(?=\p{L})/gu, '’')
    .replace(/\br2\b/g, `r${sup('2')}`)
    .replace(/(^|[ (])(\d{5,})(?=[ .,;)]|$)/g, (_, before, digits) => before + digits.replace(/\B(?=(\d{3})+$)/g, ','))
}

export type Attributes = Record<string, string | number | null | undefined | false>

const short = (value: number): string => {
  const rounded = Math.round(value * 100) / 100
  return String(Object.is(rounded, -0) ? 0 : rounded)
}

/**
 * An SVG element. `fill` and `stroke` may name a colour role: the light colour is written as the attribute, which any
 * renderer reads, and a class beside it lets a page swap the theme.
 */
export function el(name: string, attributes: Attributes = {}, ...children: Content[]): Markup {
  const classes: string[] = []
  let out = ''
  for (const [key, value] of Object.entries(attributes)) {
    if (value === null || value === undefined || value === false) continue
    if (key === 'class') classes.push(String(value))
    else if ((key === 'fill' || key === 'stroke') && String(value) in roles) {
      classes.push(`${key[0]}-${value}`)
      out += ` ${key}="${roles[value as RoleName].light}"`
    } else out += ` ${key}="${typeof value === 'number' ? short(value) : escapeText(value)}"`
  }
  if (classes.length > 0) out = ` class="${escapeText(classes.join(' '))}"${out}`
  const inside = render(children)
  return new Markup(inside === '' ? `<${name}${out}/>` : `<${name}${out}>${inside}</${name}>`)
}

interface TextOptions {
  size?: number
  anchor?: 'start' | 'middle' | 'end'
  fill?: RoleName
  weight?: 400 | 600
  /** Degrees, about the point. */
  rotate?: number
  /** A paper-coloured outline, for words over points. */
  halo?: boolean
  title?: string
}

/** SVG text at a baseline; superscripts and italics are set with tspans. */
export function text(x: number, y: number, content: string, options: TextOptions = {}): Markup {
  const size = options.size ?? 11.5
  let inner = ''
  let off = 0
  for (const run of content.split(/(?=[\ue000-\ue005])/)) {
    const mark = run[0]
    const body = /[\ue000-\ue005]/.test(mark) ? run.slice(1) : run
    if (mark === supStart || mark === subStart) {
      const shift = mark === supStart ? -size * 0.36 : size * 0.2
      inner += `<tspan dy="${short(shift)}" font-size="${short(size * 0.76)}">${escapeText(body)}</tspan>`
      off = shift
    } else if (body !== '') {
      const back = off === 0 ? '' : ` dy="${short(-off)}"`
      const slant = mark === italicStart ? ' font-style="italic"' : ''
      inner += back + slant === '' ? escapeText(body) : `<tspan${back}${slant}>${escapeText(body)}</tspan>`
      off = 0
    }
  }
  return el(
    'text',
    {
      x,
      y,
      'font-size': size,
      'text-anchor': options.anchor === 'start' ? null : options.anchor,
      'font-weight': options.weight === 600 ? 600 : null,
      fill: options.fill ?? 'ink',
      ...(options.halo
        ? { stroke: 'paper', 'stroke-width': 3, 'stroke-linejoin': 'round', 'paint-order': 'stroke' }
        : {}),
      transform: options.rotate === undefined ? null : `rotate(${options.rotate} ${short(x)} ${short(y)})`,
    },
    new Markup(inner),
    options.title === undefined ? null : el('title', {}, options.title),
  )
}
