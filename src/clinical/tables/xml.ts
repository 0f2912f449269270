import { UpturnError } from '../../errors/index.ts'

/** One piece of an XML document; names come without their namespace prefix. */
export type XmlPiece =
  | { kind: 'open'; name: string; attributes: ReadonlyMap<string, string>; closed: boolean }
  | { kind: 'close'; name: string }
  | { kind: 'text'; text: string }

const named: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" }
const noAttributes: ReadonlyMap<string, string> = new Map()

/**
 * The pieces of an XML document in order, as spreadsheet programs write it. A document type declaration is refused, so that no entity can grow; so
 * is a tag that does not end. That tags match each other is not checked.
 */
export function* xmlPieces(text: string, file: string): Generator<XmlPiece> {
  const broken = (what: string) =>
    new UpturnError('FileDamaged', `a part of the workbook is no valid XML: ${what}; save the workbook again`, {
      place: { file },
    })
  const unescaped = (raw: string): string =>
    raw.includes('&')
      ? raw.replace(/&([^;&<]{0,10});?/g, (whole, body: string) => {
          const code = /^#(?:x([0-9a-fA-F]{1,6})|(\d{1,7}))$/.exec(body)
          const point = code === null ? -1 : code[1] !== undefined ? Number.parseInt(code[1], 16) : Number(code[2])
          if (whole.endsWith(';') && Object.hasOwn(named, body)) return named[body]
          if (whole.endsWith(';') && point >= 0 && point <= 0x10ffff) return String.fromCodePoint(point)
          throw broken(`the entity ${whole} is not known`)
        })
      : raw
  let at = 0
  while (at < text.length) {
    const open = text.indexOf('<', at)
    if (open < 0) {
      if (text.slice(at).trim() !== '') yield { kind: 'text', text: unescaped(text.slice(at)) }
      return
    }
    if (open > at) yield { kind: 'text', text: unescaped(text.slice(at, open)) }
    const upTo = (mark: string, from: number): number => {
      const end = text.indexOf(mark, from)
      if (end < 0) throw broken('it is cut off')
      return end
    }
    if (text.startsWith('<!--', open)) at = upTo('-->', open + 4) + 3
    else if (text.startsWith('<![CDATA[', open)) {
      const end = upTo(']]>', open + 9)
      yield { kind: 'text', text: text.slice(open + 9, end) }
      at = end + 3
    } else if (text.startsWith('<?', open)) at = upTo('?>', open + 2) + 2
    else if (text.startsWith('<!', open)) throw broken('it has a document type declaration')
    else {
      const end = endOfTag(text, open)
      if (end < 0) throw broken('a tag does not end')
      at = end + 1
      if (text.charCodeAt(open + 1) === 47) {
        yield { kind: 'close', name: local(text.slice(open + 2, end).trim()) }
        continue
      }
      const closed = text.charCodeAt(end - 1) === 47
      const body = text.slice(open + 1, closed ? end - 1 : end)
      const space = body.search(/\s/)
      const name = local(space < 0 ? body : body.slice(0, space))
      if (name === '') throw broken('a tag has no name')
      yield { kind: 'open', name, closed, attributes: space < 0 ? noAttributes : attributesOf(body, space, unescaped) }
    }
  }
}

function endOfTag(text: string, open: number): number {
  let quote = 0
  for (let at = open + 1; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (quote !== 0) {
      if (code === quote) quote = 0
    } else if (code === 34 || code === 39) quote = code
    else if (code === 62) return at
    else if (code === 60) return -1
  }
  return -1
}

function attributesOf(body: string, from: number, unescaped: (raw: string) => string): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const match of body.slice(from).matchAll(/([^\s=]+)\s*=\s*(?:"([^"]*)"|'([^']*)')/g))
    attributes.set(local(match[1]), unescaped(match[2] ?? match[3]))
  return attributes
}

const local = (name: string): string => name.slice(name.indexOf(':') + 1)
