import { expect, test } from 'vitest'
import { relationship, removeRelatives } from './relationship.ts'

test('degrees, and parents told from siblings by opposite homozygotes', () => {
  expect(relationship(0.5, 0, 1000)).toBe('duplicate')
  expect(relationship(0.25, 3, 1000)).toBe('parent-child')
  expect(relationship(0.25, 250, 1000)).toBe('sibling')
  expect(relationship(0.25, 0, 20)).toBe('first degree')
  expect(relationship(0.125, 500, 1000)).toBe('second degree')
  expect(relationship(0.0625, 700, 1000)).toBe('third degree')
})

const pairs = (...list: [number, number][]): { a: number; b: number }[] => list.map(([a, b]) => ({ a, b }))

test('who has most relatives leaves first', () => {
  expect(removeRelatives(pairs([0, 1], [0, 2], [0, 3]), [1, 1, 1, 1])).toEqual([0])
  expect(removeRelatives(pairs([0, 1], [1, 2], [2, 3], [1, 4]), [1, 1, 1, 1, 1])).toEqual([1, 3])
})

test('of equals the lower call rate, then the later person', () => {
  expect(removeRelatives(pairs([0, 1]), [0.98, 0.99])).toEqual([0])
  expect(removeRelatives(pairs([0, 1]), [0.99, 0.99])).toEqual([1])
  expect(removeRelatives([], [])).toEqual([])
})

test('the order of the pairs does not matter', () => {
  const rate = [0.99, 0.98, 0.97, 0.99, 0.98, 0.99]
  const list = pairs([0, 1], [1, 2], [2, 0], [3, 4], [4, 5])
  const expected = removeRelatives(list, rate)
  expect(
    removeRelatives(
      [...list].reverse().map(({ a, b }) => ({ a: b, b: a })),
      rate,
    ),
  ).toEqual(expected)
  expect(expected).toEqual([2, 4, 1])
})
