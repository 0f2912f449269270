import { describe, expect, test } from 'vitest'
import { renderReport } from '../index.ts'
import { testAssets } from '../testing/assets.ts'
import { fixtureResults } from '../testing/fixture.ts'

const results = fixtureResults({ people: 70, cases: 8, pseudo: 2, variants: 1500 })
const { figures } = renderReport(results, testAssets())

/** The compressed raster depends on the version of zlib, and is tested by itself. */
const withoutRaster = (svg: string) => svg.replace(/data:image\/png;base64,[A-Za-z0-9+/=]+/, 'data:image/png;base64,…')

/** One element a line, so that a change shows where it is. */
const broken = (svg: string) => `${withoutRaster(svg).replaceAll('><', '>\n<')}\n`

describe('every figure', () => {
  test.each(figures.map((f) => [f.name, f] as const))('%s', async (name, figure) => {
    await expect(broken(figure.svg)).toMatchFileSnapshot(`snapshots/${name}.svg`)
  })

  test.each(figures.map((f) => [f.name, f] as const))('%s is drawn with numbers only', (_, figure) => {
    const svg = withoutRaster(figure.svg)
    expect(/NaN|Infinity|undefined|"null|\[object/.exec(svg)).toBeNull()
    expect(figure.title.length).toBeGreaterThan(10)
    expect(`${figure.title}${figure.caption}`).not.toMatch(/NaN|undefined|\[object|[\ue000-\ue005]/)
  })

  test('is named once', () => {
    expect(new Set(figures.map((f) => f.name)).size).toBe(figures.length)
  })
})

test('with covariates no test of the bare genotype table is shown, without them all are', () => {
  const ordinary = ['Exact trend', 'Fisher', 'Allelic', 'Dominant', 'Recessive', 'Asymptotic']
  const names = (svg: string) => [...svg.matchAll(/<text[^>]*>([^<]*)/g)].map(([, words]) => words)
  const forest = figures.find((f) => f.name === 'forest')
  const shown = names(forest?.svg ?? '')
  for (const name of ordinary)
    expect(
      shown.some((words) => words.startsWith(name)),
      name,
    ).toBe(false)
  expect(shown).toContain('Trend on fitted risks')
  expect(forest?.caption).toContain('tests of the bare genotype table cannot be adjusted and are not shown')
  expect(figures.find((f) => f.name === 'qq')?.caption).toContain('trend conditional on fitted risks')
  const { association } = results
  if (association === null) throw new Error('the fixture has an association')
  const plain = { ...results, association: { ...association, covariates: [], families: association.families.slice(1) } }
  const bare = renderReport(plain, testAssets()).figures
  const all = names(bare.find((f) => f.name === 'forest')?.svg ?? '')
  for (const name of ordinary)
    expect(
      all.some((words) => words.startsWith(name)),
      name,
    ).toBe(true)
  expect(bare.find((f) => f.name === 'qq')?.caption).toContain('of the exact trend over')
})

test('pseudo-reversals are open circles with a question mark', () => {
  const svg = figures.find((f) => f.name === 'trajectories')?.svg ?? ''
  const uncertain = results.groups.filter((g) => g.group === 'reversal' && g.certainty === 'uncertain').length
  expect(uncertain).toBeGreaterThan(0)
  expect(svg.match(/>\?<\/text>/g)).toHaveLength(uncertain)
  expect(svg.match(/stroke-dasharray="3 3"/g)).toHaveLength(uncertain)
})

test('the genotype figure draws every person who was called', () => {
  const svg = figures.find((f) => f.name === 'genotypes')?.svg ?? ''
  const [a, b, c, d, e, f] = results.association?.lead?.counts ?? [0, 0, 0, 0, 0, 0]
  expect(svg.match(/<circle /g)).toHaveLength(a + b + c)
  // One rectangle more is the paper.
  expect(svg.match(/<rect /g)).toHaveLength(d + e + f + 1)
})
