import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { type JsonNode, JsonReader } from './parse.ts'

function plain(node: JsonNode): unknown {
  switch (node.kind) {
    case 'object':
      return Object.fromEntries([...node.members].map(([name, value]) => [name, plain(value)]))
    case 'array':
      return node.items.map(plain)
    case 'null':
      return null
    default:
      return node.value
  }
}

const read = (text: string) => plain(new JsonReader(text, 'a.json').whole())

function failure(text: string): string {
  try {
    read(text)
  } catch (error) {
    if (isUpturnError(error, 'FormatInvalid')) return `${error.place.line}:${error.place.column} ${error.message}`
    throw error
  }
  return 'read'
}

describe('JsonReader', () => {
  it('reads what JSON.parse reads', () => {
    fc.assert(
      fc.property(fc.json({ maxDepth: 6 }), (text) => {
        let expected: unknown
        try {
          expected = JSON.parse(text)
        } catch {
          return
        }
        let got: unknown
        try {
          got = read(text)
        } catch (error) {
          // What JSON.parse lets pass though it loses something.
          if (isUpturnError(error) && /twice|surrogate|too large/.test(error.message)) return
          throw error
        }
        expect(JSON.stringify(got)).toBe(JSON.stringify(expected))
      }),
      { numRuns: 300 },
    )
  })

  it('refuses all that JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      '"a"',
      '1',
      '-',
      '.5',
      '01',
      'e5',
      'nul',
      'null',
      ' ',
      '\n',
      '\\',
      '\\u12',
      '\t',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const text = pieces.join('')
        let valid = true
        try {
          JSON.parse(text)
        } catch {
          valid = false
        }
        const answer = failure(text)
        if (valid) expect(answer).toMatch(/^read$|twice/)
        else expect(answer).toMatch(/^\d+:\d+ /)
      }),
      { numRuns: 2000 },
    )
  })

  it('names the line and column of what is wrong', () => {
    expect(failure('')).toBe('1:1 the file ends where a value is expected; it is cut short')
    expect(failure('{\n  "a": 1,\n  "a": 2\n}')).toBe(
      "3:3 the object names 'a' twice; which of the two holds is unknown",
    )
    expect(failure('{"a": [1, 2')).toBe("1:12 the file ends before its ']'; it is cut short")
    expect(failure('[1,]')).toBe("1:4 a comma stands before ']' with nothing between")
    expect(failure('{"a": 1e999}')).toBe('1:7 the number is too large')
    expect(failure('{"a": "\\ud800"}')).toBe('1:7 a text holds half of a surrogate pair')
    expect(failure('{"a": 1} {"a": 2}')).toBe('1:10 text follows where the JSON value ends; a file holds one value')
    expect(failure('{"a": 007}')).toBe('1:7 no JSON number')
    expect(failure('"a\nb"')).toBe('1:3 a text holds a control character; write it as an escape')
    expect(failure('['.repeat(100_000))).toBe('1:65 values lie inside each other more than 64 deep')
  })

  it('keeps a member that is called __proto__', () => {
    const node = new JsonReader('{"__proto__": 1}', 'a.json').whole()
    expect(node.kind === 'object' && [...node.members.keys()]).toEqual(['__proto__'])
  })
})
