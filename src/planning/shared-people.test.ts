import { describe, expect, it } from 'vitest'
import { RandomStream } from '../numerics/random.ts'
import { type GenotypedPerson, sharedPeople } from './index.ts'

/** Hardy-Weinberg genotypes at a frequency of 0.3. */
function person(id: string, index: number, variants = 400): GenotypedPerson {
  const random = new RandomStream(5, 'test/people', index)
  return { id, genotypes: Uint8Array.from({ length: variants }, () => random.binomial(2, 0.3)) }
}
/** The same person again, with a share of calls wrong or missing. */
function again({ genotypes }: GenotypedPerson, id: string, wrong: number): GenotypedPerson {
  const random = new RandomStream(6, 'test/errors')
  return {
    id,
    genotypes: genotypes.map((g) => (random.uniform() < wrong ? (g + 1) % 3 : random.uniform() < 0.02 ? 3 : g)),
  }
}

describe('sharedPeople', () => {
  const first = [person('a', 1), person('b', 2), person('c', 3)]

  it('finds a renamed sample by its genotypes, and an id whatever its genotypes', () => {
    expect(sharedPeople(first, [person('x', 9), again(first[1], 'y', 0.01), person('c', 7)])).toEqual(['y', 'c'])
  })

  it('does not take a child or a stranger for the person', () => {
    const [mother, father] = first
    const child = {
      id: 'child',
      genotypes: mother.genotypes.map((g, v) => Math.round(g / 2) + Math.round(father.genotypes[v] / 2)),
    }
    expect(sharedPeople(first, [child, person('x', 11), again(first[0], 'z', 0.3)])).toEqual([])
  })

  it('is not misled by rare variants, where everyone is alike', () => {
    const rare = (id: string, at: number) => ({
      id,
      genotypes: Uint8Array.from({ length: 400 }, (_, v) => Number(v === at)),
    })
    expect(sharedPeople([rare('a', 1)], [rare('x', 1), rare('y', 2)])).toEqual([])
  })

  it('refuses genotypes of different variants', () => {
    expect(() => sharedPeople(first, [person('x', 1, 10)])).toThrow(/same variants/)
  })
})
