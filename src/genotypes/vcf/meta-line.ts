/** One `key=value` of a structured meta-information line. */
export interface MetaField {
  readonly key: string
  /** Without quotes, escapes resolved; a list in square brackets as it stands. */
  readonly value: string
  readonly form: 'plain' | 'quoted' | 'list'
  /** Place of the key in the line, 0-based. */
  readonly at: number
}

/** What is wrong with a line, and where in it (0-based). */
export interface MetaMistake {
  readonly message: string
  readonly at: number
}

export type StructuredValue = readonly MetaField[] | MetaMistake

export const isMistake = (value: StructuredValue): value is MetaMistake => !Array.isArray(value)

/**
 * Parses `<key=value,key="text",key=[a, b]>`, which begins at `start` of a line and must end with it (VCF 4.3, 1.4). In a quoted
 * value a quote and a backslash are escaped with a backslash; an unquoted one goes to the next comma.
 */
export function parseStructured(line: string, start: number): StructuredValue {
  const mistake = (message: string, at: number): MetaMistake => ({ message, at })
  if (line[start] !== '<') return mistake('the value must be enclosed in angle brackets', start)
  if (line.at(-1) !== '>') return mistake('the line does not end with a closing angle bracket', line.length - 1)
  const end = line.length - 1
  const fields: MetaField[] = []
  const keys = new Set<string>()
  for (let at = start + 1; ; ) {
    const key = /^[A-Za-z0-9_.-]+/.exec(line.slice(at, Math.min(end, at + 256)))?.[0] ?? ''
    if (key === '' || line[at + key.length] !== '=')
      return mistake(
        'a comma must be followed by key=value; a value that holds a comma must be in double quotes',
        Math.min(at, end),
      )
    if (keys.has(key)) return mistake(`${key} is given twice`, at)
    keys.add(key)
    const from = at + key.length + 1
    const value = quotedValue(line, from, end) ?? listValue(line, from, end) ?? plainValue(line, from, end)
    if ('message' in value) return value
    fields.push({ key, value: value.text, form: value.form, at })
    if (value.next >= end) return fields
    if (line[value.next] !== ',')
      return mistake(
        'a comma or the closing bracket must follow a value; write a double quote within a text as \\"',
        value.next,
      )
    at = value.next + 1
  }
}

interface Value {
  readonly text: string
  readonly form: MetaField['form']
  readonly next: number
}

function quotedValue(line: string, from: number, end: number): Value | MetaMistake | undefined {
  if (line[from] !== '"') return undefined
  let text = ''
  for (let at = from + 1; at < end; at++) {
    const character = line[at]
    if (character === '"') return { text, form: 'quoted', next: at + 1 }
    if (character === '\\' && (line[at + 1] === '"' || line[at + 1] === '\\')) {
      text += line[at + 1]
      at++
    } else text += character
  }
  return { message: 'the double quote that begins here is not closed', at: from }
}

function listValue(line: string, from: number, end: number): Value | MetaMistake | undefined {
  if (line[from] !== '[') return undefined
  const close = line.indexOf(']', from)
  if (close < 0 || close >= end) return { message: 'the square bracket that begins here is not closed', at: from }
  return { text: line.slice(from, close + 1), form: 'list', next: close + 1 }
}

function plainValue(line: string, from: number, end: number): Value | MetaMistake {
  const comma = line.indexOf(',', from)
  const next = comma < 0 || comma > end ? end : comma
  if (next === from) return { message: 'a value is empty', at: from }
  return { text: line.slice(from, next), form: 'plain', next }
}
