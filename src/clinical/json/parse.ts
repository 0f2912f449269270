import { UpturnError } from '../../errors/index.ts'

/** A JSON value with the place where it begins: `at` counts UTF-16 units from the beginning of the text. */
export type JsonNode =
  | { kind: 'object'; members: Map<string, JsonNode>; at: number }
  | { kind: 'array'; items: JsonNode[]; at: number }
  | { kind: 'string'; value: string; at: number }
  | { kind: 'number'; value: number; at: number }
  | { kind: 'boolean'; value: boolean; at: number }
  | { kind: 'null'; at: number }

export type JsonObject = Extract<JsonNode, { kind: 'object' }>

/** Deeper nesting than any record needs is refused, so that a hostile file cannot exhaust the stack. */
const deepest = 64

const numberForm = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
/** All but the quote, the backslash and control characters. */
const plainText = /[ !#-[\]-\uffff]*/y
const escapes: Readonly<Record<string, string>> = {
  '"': '"',
  '\\': '\\',
  '/': '/',
  b: '\b',
  f: '\f',
  n: '\n',
  r: '\r',
  t: '\t',
}

/**
 * Reads JSON (RFC 8259) strictly, one value at a time. Refuses (`FormatInvalid`, with line and column) whatever the grammar refuses,
 * and what JSON.parse lets pass though it loses something: a name that an object has twice, half of a surrogate pair, a number too
 * large for a double, text after the value. Nesting beyond 64 levels is refused too.
 */
export class JsonReader {
  readonly text: string
  readonly file: string
  #at: number
  readonly #firstLine: number
  /** Where the lines begin; made when the first place is asked for. */
  #lines: number[] | undefined

  /** `line`: number of the line with which the text begins, where it is one line of a file. */
  constructor(text: string, file: string, line = 1) {
    this.text = text
    this.file = file
    this.#at = 0
    this.#firstLine = line
  }

  /** Line and column, both from 1, of a place in the text. */
  place(at: number): { file: string; line: number; column: number } {
    if (this.#lines === undefined) {
      this.#lines = [0]
      for (let end = this.text.indexOf('\n'); end >= 0; end = this.text.indexOf('\n', end + 1))
        this.#lines.push(end + 1)
    }
    let low = 0
    let high = this.#lines.length
    while (high - low > 1) {
      const middle = (low + high) >> 1
      if (this.#lines[middle] <= at) low = middle
      else high = middle
    }
    return { file: this.file, line: this.#firstLine + low, column: at - this.#lines[low] + 1 }
  }

  fail(message: string, at = this.#at): never {
    throw new UpturnError('FormatInvalid', message, { place: this.place(at) })
  }

  /** The one value that the whole text is. */
  whole(): JsonNode {
    const node = this.value()
    this.end()
    return node
  }

  /** The next character that is not white space, which stays unread; empty at the end. */
  peek(): string {
    for (;;) {
      const code = this.text.charCodeAt(this.#at)
      if (code !== 32 && code !== 10 && code !== 13 && code !== 9) return this.text.charAt(this.#at)
      this.#at++
    }
  }

  at(): number {
    this.peek()
    return this.#at
  }

  end(): void {
    if (this.peek() !== '') this.fail('text follows where the JSON value ends; a file holds one value')
  }

  value(depth = 0): JsonNode {
    const first = this.peek()
    const at = this.#at
    if (first === '{') {
      const members = new Map<string, JsonNode>()
      this.members((name) => {
        members.set(name, this.value(depth + 1))
      }, depth)
      return { kind: 'object', members, at }
    }
    if (first === '[') {
      const items: JsonNode[] = []
      this.items(() => {
        items.push(this.value(depth + 1))
      }, depth)
      return { kind: 'array', items, at }
    }
    if (first === '"') return { kind: 'string', value: this.#string(), at }
    if (this.#word('null')) return { kind: 'null', at }
    if (this.#word('true')) return { kind: 'boolean', value: true, at }
    if (this.#word('false')) return { kind: 'boolean', value: false, at }
    return this.#number(at)
  }

  /** Reads an object; `take` is called at each member's value and must read it. */
  members(take: (name: string, at: number) => void, depth = 0): void {
    this.#open('{', depth)
    const seen = new Set<string>()
    if (this.#close('}')) return
    for (;;) {
      if (this.peek() !== '"') this.fail('a member of an object must begin with its name in double quotes')
      const at = this.#at
      const name = this.#string()
      if (seen.has(name)) this.fail(`the object names '${short(name)}' twice; which of the two holds is unknown`, at)
      seen.add(name)
      if (this.peek() !== ':') this.fail('a colon is missing after the name of a member')
      this.#at++
      take(name, at)
      if (this.#close('}')) return
      this.#comma('}')
    }
  }

  /** Reads an array; `take` is called at each item and must read it. */
  items(take: (index: number) => void, depth = 0): void {
    this.#open('[', depth)
    if (this.#close(']')) return
    for (let index = 0; ; index++) {
      take(index)
      if (this.#close(']')) return
      this.#comma(']')
    }
  }

  #open(bracket: '{' | '[', depth: number): void {
    if (this.peek() !== bracket) this.fail(bracket === '{' ? 'an object is expected here' : 'an array is expected here')
    if (depth >= deepest) this.fail(`values lie inside each other more than ${deepest} deep`)
    this.#at++
  }

  #close(bracket: '}' | ']'): boolean {
    if (this.peek() !== bracket) return false
    this.#at++
    return true
  }

  #comma(bracket: '}' | ']'): void {
    const found = this.peek()
    if (found === '') this.fail(`the file ends before its '${bracket}'; it is cut short`)
    if (found !== ',') this.fail(`a comma or '${bracket}' is expected, not '${short(found)}'`)
    this.#at++
    if (this.peek() === bracket) this.fail(`a comma stands before '${bracket}' with nothing between`)
  }

  #word(word: string): boolean {
    if (!this.text.startsWith(word, this.#at)) return false
    this.#at += word.length
    return true
  }

  #number(at: number): JsonNode {
    numberForm.lastIndex = at
    const match = numberForm.exec(this.text)
    if (match === null)
      this.fail(at >= this.text.length ? 'the file ends where a value is expected; it is cut short' : 'no JSON value')
    this.#at = at + match[0].length
    if (/[\w.+-]/.test(this.text.charAt(this.#at))) this.fail('no JSON number', at)
    const value = Number(match[0])
    if (!Number.isFinite(value)) this.fail('the number is too large', at)
    return { kind: 'number', value: value === 0 ? 0 : value, at }
  }

  #string(): string {
    const start = this.#at
    this.#at++
    let value = ''
    for (;;) {
      plainText.lastIndex = this.#at
      const plain = plainText.exec(this.text)?.[0] ?? ''
      value += plain
      this.#at += plain.length
      const next = this.text.charAt(this.#at)
      if (next === '"') break
      if (next === '') this.fail('a text is opened here and never closed', start)
      if (next !== '\\') this.fail('a text holds a control character; write it as an escape')
      const letter = this.text.charAt(this.#at + 1)
      if (letter === 'u') {
        const digits = this.text.slice(this.#at + 2, this.#at + 6)
        if (!/^[0-9a-fA-F]{4}$/.test(digits)) this.fail('four hexadecimal digits are expected after \\u')
        value += String.fromCharCode(Number.parseInt(digits, 16))
        this.#at += 6
      } else {
        const character = escapes[letter]
        if (character === undefined) this.fail(`'\\${short(letter)}' is no escape of JSON`)
        value += character
        this.#at += 2
      }
    }
    this.#at++
    if (/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(value))
      this.fail('a text holds half of a surrogate pair', start)
    return value
  }
}

function short(text: string): string {
  return text.length > 40 ? `${text.slice(0, 40)}...` : text
}
