import { expect, test } from 'vitest'
import type { MetaVariant } from '../../results/index.ts'
import { metaForest } from '../meta.ts'

const study = (
  name: string,
  or: number | null,
  low: number | null,
  high: number | null,
): MetaVariant['studies'][number] => ({
  study: name,
  or,
  low,
  high,
  logOr: or === null ? null : Math.log(or),
  se: 0.5,
  weightFixed: 0.5,
  weightRandom: or === null ? null : 0.5,
  cases: 22,
  controls: 103,
  counts: null,
  source: '',
})
const variant: MetaVariant = {
  variant: '4:56989510:G:A',
  rsid: 'rs4242007',
  effectAllele: 'A',
  studies: [
    study('StAR <1>', 11, 3.8, 31.6),
    study('Second', 2.9, 1.1, 7.3),
    study('Nobody carries it', null, null, null),
  ],
  estimates: [
    { method: 'exact', or: null, low: 3, high: null, p: 1e-9, negLog10P: 9, note: '' },
    { method: 'fixed', or: 5.8, low: 3.5, high: 9.7, p: 2e-11, negLog10P: 10.7, note: '' },
    { method: 'hartung_knapp_modified', or: 5.8, low: 0.004, high: 2900, p: 0.1, negLog10P: 1, note: '' },
  ],
  heterogeneity: {
    q: 3.5,
    df: 1,
    p: 0.06,
    i2: 0.7,
    i2Low: 0,
    i2High: 0.99,
    tau2: 0.6,
    tau2Low: 0,
    tau2High: 12,
    prediction: { low: 0.005, high: 6759 },
  },
  leaveOneOut: [],
  warnings: [],
  sentence: '',
}

test('the forest of a meta-analysis', async () => {
  const { svg, title, caption } = metaForest(variant)
  await expect(`${svg.replaceAll('><', '>\n<')}\n`).toMatchFileSnapshot('snapshots/meta-forest.svg')
  expect(svg).not.toMatch(/NaN|Infinity|undefined|<1>/)
  expect(title).toBe('2 studies together: odds ratio 5.8 (3.5 to 9.7)')
  expect(caption).toMatch(/p\u00a0=\u00a00\.060/)
})

test('says when it shows the same people twice, one study, or nothing', () => {
  expect(metaForest({ ...variant, warnings: ['twice'] }).title).toMatch(/same people/)
  expect(metaForest({ ...variant, studies: variant.studies.slice(0, 1), heterogeneity: null }).title).toMatch(
    /One study/,
  )
  expect(metaForest({ ...variant, studies: [study('x', null, null, null)], estimates: [] }).svg).toMatch(
    /No study has an effect/,
  )
})
