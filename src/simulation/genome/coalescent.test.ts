import { describe, expect, it } from 'vitest'
import { coalescentTwin } from '../testing/coalescent-twin.ts'
import { type Demography, farApart, placeMutations, splitForFst } from './coalescent.ts'

/** Carriers of each site, by leaf. */
function carriers(seed: number, demography: Demography, morgans: Float64Array) {
  const bytes = Math.ceil(demography.leaves / 8)
  const bits = Uint32Array.from({ length: demography.leaves }, (_, leaf) => leaf)
  const sites: number[][] = []
  const events = placeMutations(seed, 'test/coalescent', 3, demography, morgans, bits, bytes, (first, records) => {
    expect(first).toBe(sites.length)
    for (let site = 0; site < records.length / bytes; site++)
      sites.push([...bits].filter((leaf) => ((records[site * bytes + (leaf >> 3)] >> (leaf & 7)) & 1) === 1))
  })
  return { sites, events }
}

const evenly = (count: number, morgans: number) => Float64Array.from({ length: count }, (_, i) => (i * morgans) / count)

const harmonic = (n: number) => Array.from({ length: n - 1 }, (_, i) => 1 / (i + 1)).reduce((a, b) => a + b, 0)

describe('coalescent', () => {
  const cases: [string, Demography, Float64Array][] = [
    [
      'one population',
      { leaves: 40, first: 40, split: Number.POSITIVE_INFINITY, generations: 20000 },
      evenly(150, 0.005),
    ],
    [
      'the other alone',
      { leaves: 9, first: 0, split: Number.POSITIVE_INFINITY, generations: 20000 },
      evenly(100, 0.01),
    ],
    ['two populations', { leaves: 61, first: 45, split: 0.2, generations: 20000 }, evenly(150, 0.005)],
    ['an early split', { leaves: 30, first: 12, split: 3, generations: 5000 }, evenly(100, 0.02)],
    ['a split now', { leaves: 20, first: 10, split: 0, generations: 1000 }, evenly(100, 0.05)],
    ['one leaf in a population', { leaves: 12, first: 11, split: 0.5, generations: 20000 }, evenly(150, 0.01)],
    ['two leaves', { leaves: 2, first: 1, split: 0.4, generations: 20000 }, evenly(100, 0.01)],
    ['far sites', { leaves: 25, first: 20, split: 0.1, generations: 20000 }, evenly(60, 2)],
    ['equal positions', { leaves: 17, first: 17, split: 0, generations: 20000 }, new Float64Array(50)],
  ]
  it.each(cases)('gives what its plain twin gives: %s', (_, demography, morgans) => {
    for (const seed of [1, 2]) {
      const far = farApart / (2 * demography.generations)
      const twin = coalescentTwin(seed, 'test/coalescent', 3, demography, far, morgans)
      const fast = carriers(seed, demography, morgans)
      expect(fast.events).toBe(twin.events)
      expect(fast.sites).toEqual(twin.carriers)
    }
  })

  it('passes as many recombinations as its trees are long, with a spectrum near 1/x and neutral heterozygosity', () => {
    const leaves = 200
    const demography = { leaves, first: leaves, split: Number.POSITIVE_INFINITY, generations: 20000 }
    const { sites, events } = carriers(11, demography, evenly(12000, 1))
    // 2N generations x 2 H(n - 1), the expected length of the coalescent
    const expected = 20000 * 2 * harmonic(leaves)
    expect(events / expected).toBeGreaterThan(0.97)
    expect(events / expected).toBeLessThan(1.03)
    const count = (low: number, high: number) => sites.filter(({ length }) => length >= low && length < high).length
    const share = (low: number, high: number) =>
      Array.from({ length: high - low }, (_, i) => 1 / (low + i)).reduce((a, b) => a + b, 0) / harmonic(leaves)
    for (const [low, high] of [
      [1, 2],
      [2, 5],
      [5, 20],
      [20, 80],
      [80, 200],
    ] as const)
      expect(Math.abs(count(low, high) / sites.length / share(low, high) - 1)).toBeLessThan(0.12)
    // slope of log density on log count over equal steps of the logarithm
    const bins = [1, 3, 9, 27, 81].map((low) => ({ x: Math.log(low), y: Math.log(count(low, 3 * low) / low) }))
    const mean = (values: number[]) => values.reduce((a, b) => a + b, 0) / values.length
    const mx = mean(bins.map(({ x }) => x))
    const slope =
      bins.reduce((sum, { x, y }) => sum + (x - mx) * y, 0) / bins.reduce((sum, { x }) => sum + (x - mx) ** 2, 0)
    expect(slope).toBeGreaterThan(-1.15)
    expect(slope).toBeLessThan(-0.85)
    // sum of 2 f (1 - f) a site: 1 / H(n - 1) when mutations are placed on trees
    const heterozygosity = mean(sites.map(({ length }) => (2 * length * (leaves - length)) / (leaves * (leaves - 1))))
    expect(heterozygosity * harmonic(leaves)).toBeGreaterThan(0.95)
    expect(heterozygosity * harmonic(leaves)).toBeLessThan(1.12)
  })

  it.each([0.02, 0.1, 0.3])("reaches Hudson's F_ST of %d", (fst) => {
    const half = 60
    const demography = { leaves: 2 * half, first: half, split: splitForFst(fst), generations: 20000 }
    const { sites } = carriers(5, demography, evenly(6000, 2))
    let within = 0
    let total = 0
    for (const site of sites) {
      const p = site.filter((leaf) => leaf < half).length / half
      const q = site.filter((leaf) => leaf >= half).length / half
      within += (p - q) ** 2 - (p * (1 - p)) / (half - 1) - (q * (1 - q)) / (half - 1)
      total += p * (1 - q) + q * (1 - p)
    }
    expect(Math.abs(within / total - fst)).toBeLessThan(0.1 * fst + 0.006)
  })

  it('decays linkage disequilibrium over about 100 kb at 1 cM a megabase', () => {
    const leaves = 300
    const demography = { leaves, first: leaves, split: Number.POSITIVE_INFINITY, generations: 20000 }
    const perMegabase = 0.01
    const kilobases = 5
    const { sites } = carriers(8, demography, evenly(4000, 4000 * kilobases * 1e-3 * perMegabase))
    const common = sites.map((site) => (site.length > 30 && site.length < 270 ? new Set(site) : null))
    const meanR2 = (lag: number) => {
      let sum = 0
      let pairs = 0
      for (let i = 0; i + lag < common.length; i++) {
        const a = common[i]
        const b = common[i + lag]
        if (a === null || b === null) continue
        const both = [...a].filter((leaf) => b.has(leaf)).length / leaves
        const p = a.size / leaves
        const q = b.size / leaves
        sum += (both - p * q) ** 2 / (p * (1 - p) * q * (1 - q))
        pairs++
      }
      return sum / pairs
    }
    const near = meanR2(1)
    const middle = meanR2(20)
    const distant = meanR2(400)
    // about 1 / (2 + 4 N r) for common variants (Sved 1971), plus 1 / n of sampling
    expect(near).toBeGreaterThan(0.15)
    expect(middle).toBeGreaterThan(0.01)
    expect(middle).toBeLessThan(0.08)
    expect(distant).toBeLessThan(0.012)
    expect(near).toBeGreaterThan(3 * middle)
  })

  it('refuses what has no tree', () => {
    const alone = { leaves: 1, first: 1, split: 1, generations: 1 }
    expect(() => carriers(1, alone, evenly(1, 1))).toThrow(/from 2 to 4 million/)
    const never = { leaves: 4, first: 2, split: Number.POSITIVE_INFINITY, generations: 1 }
    expect(() => carriers(1, never, evenly(1, 1))).toThrow(/finite time/)
  })
})
