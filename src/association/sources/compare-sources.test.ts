import { afterAll, describe, expect, it } from 'vitest'
import { RandomStream } from '../../numerics/index.ts'
import { associationCells } from '../../results/association-cells.ts'
import { associate } from '../associate.ts'
import type { DesignInput } from '../design.ts'
import { designStudy } from '../design.ts'
import { type TestVariant, workshop, writeStore } from '../testing/store.ts'
import { compareSources } from './compare-sources.ts'
import { compareMeasures } from './measures.ts'

const random = new RandomStream(9, 'test/sources')
const people = 90
const samples = Array.from({ length: people }, (_, i) => `P${String(i).padStart(3, '0')}`)
const isCase = samples.map((_, i) => i % 9 === 4)
/** Every third control is from saliva, and every second case. */
const source = samples.map((_, i) => ((isCase[i] ? i % 2 === 0 : i % 3 === 0) ? 'saliva' : 'blood'))

/** Genotypes at frequency q; in saliva copies are overlooked with the chance given. */
const draw = (q: number, lost = 0) =>
  samples.map((_, i) => {
    const g = (random.uniform() < q ? 1 : 0) + (random.uniform() < q ? 1 : 0)
    return g > 0 && source[i] === 'saliva' && random.uniform() < lost ? 0 : g
  })

const folders: { remove(): void }[] = []
function store(variants: TestVariant[]) {
  const made = writeStore(samples, variants)
  folders.push(made)
  return made
}
afterAll(() => {
  for (const folder of folders) folder.remove()
})

function input(header: DesignInput['header'], over: Partial<DesignInput> = {}): DesignInput {
  return {
    header,
    people: samples.map((sample, i) => ({ sample, case: isCase[i], sex: null, source: source[i] })),
    covariates: [],
    seed: 3,
    primary: { test: 'family', alpha: 0.05, rule: 'as written' },
    permutations: { sets: 200, extend: false },
    sexChromosomes: false,
    ...over,
  }
}

const clean: TestVariant[] = Array.from({ length: 60 }, (_, v) => ({
  chromosome: '1',
  position: 100 + v,
  genotypes: draw(0.1 + 0.3 * random.uniform()),
}))
const artefact: TestVariant[] = clean.map((variant, v) =>
  v === 20 || v === 41 ? { ...variant, genotypes: draw(0.5, 0.95) } : variant,
)
const options = (folder: string, keep: Uint8Array | null = null) => ({ store: folder, keep, labelSets: 200 })

describe('sources of DNA', () => {
  it('finds the variants that one source reads differently, among controls alone, and flags their rows', async () => {
    const { folder, header } = store(artefact)
    // Variant 0 is left out, so that places in the store and in the scan differ.
    const keep = new Uint8Array(8).fill(255)
    keep[0] &= ~1
    const { summary, differing } = await compareSources(input(header), [], options(folder, keep), workshop())
    expect(summary.people).toEqual([
      { source: 'blood', cases: 5, controls: 50 },
      { source: 'saliva', cases: 5, controls: 30 },
    ])
    expect(summary.verdict).toBe('differ')
    expect(summary.contrasts.length).toBe(1)
    const [contrast] = summary.contrasts
    expect(contrast).toMatchObject({ source: 'blood', controls: 50, others: 30, untested: null, masks: 'uniform' })
    expect(contrast.most.map(({ key }) => key).sort()).toEqual(['1:120:A:G', '1:141:A:G'])
    expect(contrast.familyP).toBeLessThan(0.01)
    // Frequencies by hand.
    const controls = samples.map((_, i) => i).filter((i) => !isCase[i])
    const frequency = (v: number, from: string) => {
      const those = controls.filter((i) => source[i] === from)
      return those.reduce((sum, i) => sum + Number(artefact[v].genotypes[i]), 0) / (2 * those.length)
    }
    const first = contrast.most.find(({ key }) => key === '1:120:A:G')
    expect(first?.here).toBeCloseTo(frequency(20, 'blood'), 12)
    expect(first?.there).toBeCloseTo(frequency(20, 'saliva'), 12)
    expect(differing).toEqual(Uint8Array.of(0, 0, 1 << 4, 0, 0, 1 << 1, 0, 0))
    const { design, labels } = designStudy(input(header))
    const flagged: number[] = []
    await associate(design, labels, { store: folder, keep, sourcesDiffer: differing }, workshop(), (rows) => {
      const cells = associationCells(rows.lines)
      cells.flags.forEach((flags, i) => {
        if (String(flags).includes('control_sources_differ')) flagged.push(Number(cells.position[i]))
      })
    })
    expect(flagged).toEqual([120, 141])
  })

  it('says alike where nothing differs', async () => {
    const { folder, header } = store(clean)
    const { summary, differing } = await compareSources(input(header), [], options(folder), workshop())
    expect(summary.verdict).toBe('alike')
    expect(summary.contrasts[0].familyP).toBeGreaterThan(0.05)
    expect(differing).toBeNull()
  })

  it('says confounded where cases come from a source of their own', async () => {
    const { folder, header } = store(clean)
    const design = input(header, {
      people: samples.map((sample, i) => ({
        sample,
        case: isCase[i],
        sex: null,
        source: isCase[i] ? 'saliva' : 'blood',
      })),
    })
    const { summary } = await compareSources(design, [], options(folder), workshop())
    expect(summary.verdict).toBe('confounded')
    expect(summary.contrasts).toEqual([])
    expect(summary.sentences[0]).toMatch(/cannot be told from the disease/)
  })

  it('does not take ancestry that tells the source for an artefact', async () => {
    const { folder, header } = store(clean)
    const values = samples.map((_, i) => (source[i] === 'saliva' ? 1 : 0) + 1e-3 * random.normal())
    const { summary } = await compareSources(
      input(header, { covariates: [{ name: 'PC1', values }] }),
      [],
      options(folder),
      workshop(),
    )
    expect(summary.verdict).toBe('cannot be told')
    expect(summary.contrasts[0].untested).toMatch(/PC1/)
  })

  it('has a word for no sources and for one', async () => {
    const { folder, header } = store(clean)
    const none = input(header, {
      people: samples.map((sample, i) => ({ sample, case: isCase[i], sex: null })),
    })
    expect((await compareSources(none, [], options(folder), workshop())).summary.verdict).toBe('not recorded')
    const one = input(header, {
      people: samples.map((sample, i) => ({ sample, case: isCase[i], sex: null, source: 'blood' })),
    })
    expect((await compareSources(one, [], options(folder), workshop())).summary.verdict).toBe('one source')
  })

  it('compares each of three sources with the others', async () => {
    const { folder, header } = store(clean)
    const three = input(header, {
      people: samples.map((sample, i) => ({ sample, case: isCase[i], sex: null, source: ['a', 'b', 'c'][i % 3] })),
    })
    const { summary } = await compareSources(three, [], options(folder), workshop())
    expect(summary.contrasts.map((contrast) => contrast.source)).toEqual(['a', 'b', 'c'])
  })
})

describe('measures of samples by source', () => {
  const values = Array.from({ length: 40 }, (_, i) => ({
    source: i % 2 === 0 ? 'blood' : 'saliva',
    values: { 'call rate': i % 2 === 0 ? 0.99 + i / 1e5 : 0.97 + i / 1e5, depth: null },
  }))
  it('tells sources apart, with medians and quartiles', () => {
    const [measure, ...others] = compareMeasures(values, ['call rate', 'depth'])
    expect(others).toEqual([])
    expect(measure.differs).toBe(true)
    // Complete separation of 20 and 20: chi-square 29.268, p by R: kruskal.test.
    expect(measure.p).toBeCloseTo(6.301848221e-8, 16)
    expect(measure.bySource.map(({ source, people }) => [source, people])).toEqual([
      ['blood', 20],
      ['saliva', 20],
    ])
    expect(measure.bySource[0].median).toBeCloseTo(0.99 + 19 / 1e5, 12)
    // Type 7 quartile of 0, 2, ..., 38.
    expect(measure.bySource[0].low).toBeCloseTo(0.99 + 9.5 / 1e5, 12)
  })
  it('does not test a source of four', () => {
    const [measure] = compareMeasures(values.slice(0, 8), ['call rate'])
    expect(measure.p).toBeNull()
    expect(measure.differs).toBe(false)
  })
})
