import { expect, test } from 'vitest'
import { isUpturnError } from '../../errors/index.ts'
import { parseOxfordSample } from './sample.ts'

const short = (text: string) => parseOxfordSample(text, 'x.sample').map(({ id1, id, sex }) => [id1, id, sex])

test('people are named by ID_2, or by the only id there is, with their sex', () => {
  expect(short('ID_1 ID_2 missing sex\n0 0 0 D\nf1 a 0 1\nf2\tb 0.01 2\r\nf2 c 0 0\nf3 d 0 NA\n\n')).toEqual([
    ['f1', 'a', 'male'],
    ['f2', 'b', 'female'],
    ['f2', 'c', null],
    ['f3', 'd', null],
  ])
  expect(short('id\n0\na\nb')).toEqual([
    ['a', 'a', null],
    ['b', 'b', null],
  ])
  expect(short('ID missing Sex\n0 0 D\na 0 m\nb 0 female')).toEqual([
    ['a', 'a', 'male'],
    ['b', 'b', 'female'],
  ])
})

test.each([
  ['', 1, /begin with a line that names/],
  ['ID_1 ID_2 missing\na a 0\n', 2, /line 2 of a .sample file/],
  ['ID_1 ID_2 missing\n0 0\na a 0\n', 2, /line 2/],
  ['ID_1 ID_2 missing\n0 0 0\na a 0\nb b\n', 4, /2 columns where line 1 names 3/],
  ['ID_1 ID_2 missing\n0 0 0\na a 0\nb b 0 1\n', 4, /4 columns/],
  ['ID_1 ID_2 missing\n0 0 0\n0 a 0\n0 b 0\n0 a 0\n', 5, /a stands in lines 3 and 5/],
])('refuses %j', (text, line, message) => {
  const error = (() => {
    try {
      return parseOxfordSample(text, 'x.sample')
    } catch (caught) {
      return caught
    }
  })()
  if (!isUpturnError(error, 'FormatInvalid')) throw error
  expect(error.place).toEqual({ file: 'x.sample', line })
  expect(error.message).toMatch(message)
})
