import { describe, expect, it } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { parseDefinition, parseDefinitions } from './index.ts'

const good = `id: my-own
version: 1.0.0
title: Mine
description: A rule of one's own.
source: Our clinic.
group: reversal
rule:
  kind: sustained-gain
  gain: 6
  days: 200
  tolerance_days: 10
`

function refusal(text: string) {
  try {
    parseDefinition({ file: 'd.yaml', text })
  } catch (error) {
    if (isUpturnError(error, 'DefinitionInvalid')) return { ...error.place, message: error.message, ...error.details }
    throw error
  }
  return undefined
}

describe('parseDefinition', () => {
  it("reads a user's own definition", () => {
    expect(parseDefinition({ file: 'd.yaml', text: good }).rule).toEqual({
      kind: 'sustained-gain',
      gain: 6,
      days: 200,
      tolerance_days: 10,
    })
  })

  it.each<[string, (text: string) => string, number, number, string]>([
    ['a value of the wrong kind', (t) => t.replace('gain: 6', 'gain: six'), 9, 9, 'rule.gain'],
    ['a value out of range', (t) => t.replace('gain: 6', 'gain: -2'), 9, 9, 'rule.gain'],
    [
      'an unknown key',
      (t) => t.replace('tolerance_days: 10', 'tolerance_days: 10\n  tolerance: 3'),
      12,
      14,
      'tolerance',
    ],
    ['an unknown rule', (t) => t.replace('sustained-gain', 'magic'), 8, 9, 'rule.kind'],
    ['a missing key', (t) => t.replace('  gain: 6\n', ''), 8, 3, 'rule.gain'],
    ['broken YAML', (t) => t.replace('title: Mine', 'title: [Mine'), 4, 1, 'YAML'],
    ['no definition', () => '- 1', 1, 1, 'the definition'],
    ['nothing', () => '', 1, 1, 'the definition'],
  ])('refuses %s with its place', (_, change, line, column, message) => {
    const found = refusal(change(good))
    expect(found?.message).toContain(message)
    expect([found?.line, found?.column]).toEqual([line, column])
  })

  it('lists every mistake, and refuses one id twice', () => {
    const found = refusal(good.replace('gain: 6', 'gain: six').replace('1.0.0', 'one'))
    expect(found).toMatchObject({ problems: [{ line: 2 }, { line: 9 }] })
    const file = { file: 'a.yaml', text: good }
    expect(() => parseDefinitions([file, { ...file, file: 'b.yaml' }])).toThrow(/also defined in a\.yaml/)
  })
})
