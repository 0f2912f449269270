import { afterAll, describe, expect, it } from 'vitest'
import { openStore } from '../genotypes/index.ts'
import type { ColumnBatch } from '../host/host.ts'
import { RandomStream } from '../numerics/index.ts'
import { chiSquareLogTail } from '../numerics/special.ts'
import { associationCells } from '../results/association-cells.ts'
import { exactTrend } from '../statistics/exact/index.ts'
import { refereeFirth } from '../statistics/firth/testing/referee.ts'
import { associate } from './associate.ts'
import { calibrateFirth } from './calibration/firth-task.ts'
import { countBins, levels } from './calibration/levels.ts'
import { designStudy } from './design.ts'
import { efficientScores } from './efficient-score.ts'
import { type LeadVariant, readVariant, testLead } from './lead.ts'
import { host, type TestVariant, workshop, writeStore } from './testing/store.ts'
import { tableOf } from './unmatched-lead.ts'

const people = 83
const samples = Array.from({ length: people }, (_, i) => `P${String(i).padStart(3, '0')}`)
const random = new RandomStream(9, 'test/dosage')
const cases = samples.map((_, i) => i % 6 === 2)
const codes = cases.map((c) => (c ? 1 : 0))
const sex = samples.map(() => (random.uniform() < 0.5 ? ('male' as const) : ('female' as const)))
const age = samples.map((_, i) => 50 + 10 * random.normal() + (cases[i] ? 3 : 0))
const missing = 65535

/** Dosages around drawn genotypes, some far from a whole number, some missing. */
function drawn(frequency: number, odds: number, spread: number, lost: number): number[] {
  return samples.map((_, i) => {
    if (random.uniform() < lost) return missing
    const f = cases[i] ? (frequency * odds) / (1 - frequency + frequency * odds) : frequency
    const copies = (random.uniform() < f ? 1 : 0) + (random.uniform() < f ? 1 : 0)
    return Math.round(16384 * Math.min(2, Math.max(0, copies + spread * (random.uniform() - 0.5))))
  })
}

/** The rule of docs/formats.md, once more: the nearest whole number within 1638 units. */
function calls(dosages: ArrayLike<number>): number[] {
  return Array.from(dosages, (d) => {
    const nearest = Math.round(d / 16384)
    return d === missing || Math.abs(d - nearest * 16384) > 1638 ? -1 : nearest
  })
}

const variants: TestVariant[] = []
for (let v = 0; v < 30; v++) {
  const dosages = drawn(0.05 + 0.4 * random.uniform(), v === 11 ? 20 : 1, 0.1 + 0.05 * (v % 9), v % 3 === 0 ? 0.06 : 0)
  const genotypes = calls(dosages)
  variants.push({ chromosome: '4', position: 1000 + v, genotypes, ...(v % 5 !== 4 && { dosages }) })
}
// Both read again further on: the very dosages, and the same hard calls with other dosages.
variants.push({ ...variants[3], chromosome: '5', position: 10 })
variants.push({
  chromosome: '5',
  position: 11,
  genotypes: variants[3].genotypes,
  dosages: Array.from(variants[3].dosages ?? [], (d) => (d > 0 && d < 1500 ? d + 100 : d)),
})
// Uncertain in every case: no hard call there, but a dosage.
const uncertain = samples.map((_, i) => (cases[i] ? 8000 + 40 * i : 16384 * (i % 3)))
variants.push({ chromosome: '5', position: 12, genotypes: calls(uncertain), dosages: uncertain })
const nearZero = samples.map((_, i) => i)
variants.push({ chromosome: '5', position: 13, genotypes: calls(nearZero), dosages: nearZero })
const onX = samples.map((_, i) =>
  sex[i] === 'male' ? [0, 32768, 16384, 30000][i % 4] : 700 + 16384 * (i % 3 === 2 ? 1 : 0),
)
// Pseudoautosomal: inherited as an autosome is.
variants.push({ ...variants[11], chromosome: 'X', position: 200_000 })
variants.push({ chromosome: 'X', position: 5_000_000, genotypes: calls(onX), dosages: onX })
const hemizygous = ({ chromosome, position }: TestVariant) => chromosome === 'X' && position > 3_000_000

const removals: (() => void)[] = []
afterAll(() => {
  for (const remove of removals) remove()
})

async function run(of: TestVariant[]) {
  const { folder, header, remove } = writeStore(samples, of)
  removals.push(remove)
  const { design, labels } = designStudy({
    header,
    people: samples.map((sample, i) => ({ sample, case: cases[i], sex: sex[i] })),
    covariates: [{ name: 'age', values: age }],
    seed: 5,
    primary: { test: 'family', alpha: 0.05, rule: 'as written' },
    permutations: { sets: 100, extend: false },
    sexChromosomes: true,
  })
  const batches: ColumnBatch[] = []
  const summary = await associate(design, labels, { store: folder, keep: null }, workshop(), (rows) => {
    batches.push(associationCells(rows.lines))
  })
  const rows = batches.flatMap((b) =>
    b.chromosome.map((_, i) => Object.fromEntries(Object.entries(b).map(([k, v]) => [k, v[i]]))),
  )
  return { summary, rows, design, labels, folder }
}

/** Copies by person, NaN where missing; a man's heterozygous hard call on X is none. */
function copiesOf(variant: TestVariant): number[] {
  const hard = calls(variant.dosages ?? [])
  return Array.from(variant.dosages ?? [], (d, i) =>
    d === missing || (hemizygous(variant) && sex[i] === 'male' && hard[i] === 1) ? Number.NaN : d / 16384,
  )
}

function referee(copies: readonly number[], columns: readonly (readonly number[])[]) {
  const who = samples.map((_, i) => i).filter((i) => !Number.isNaN(copies[i]))
  const x = who.map((i) => [1, ...columns.map((c) => (c[i] - 50) / 10), copies[i]])
  const y = who.map((i) => codes[i])
  const [whole, restricted] = [refereeFirth(x, y), refereeFirth(x, y, true)]
  if (whole === null || restricted === null) throw new Error('the plain fit did not settle')
  return { ...whole, logP: chiSquareLogTail(2 * (whole.penalised - restricted.penalised), 1) }
}

describe('a scan of dosages', async () => {
  const { rows, summary, design, labels, folder } = await run(variants)

  it('fits Firth to the dosages, and says so', () => {
    let fitted = 0
    variants.forEach((variant, v) => {
      const row = rows[v]
      expect(String(row.flags).split(',').includes('dosage')).toBe(variant.dosages !== undefined)
      if (variant.dosages === undefined || row.status === 'monomorphic') return
      const columns = hemizygous(variant) ? [age, sex.map((s) => (s === 'male' ? 1 : 0))] : [age]
      const plain = referee(copiesOf(variant), columns)
      expect(Math.abs(Math.log(row.or as number) - plain.beta)).toBeLessThan(1e-7)
      expect(Math.abs((row.or_se as number) - plain.standardError)).toBeLessThan(1e-7)
      expect(Math.abs(Math.log(row.firth_p as number) - plain.logP)).toBeLessThan(1e-7)
      fitted++
    })
    expect(fitted).toBeGreaterThan(25)
    expect(summary.flags.dosage).toBe(variants.filter(({ dosages }) => dosages !== undefined).length)
  })

  it('counts hard calls and tests them exactly', () => {
    variants.forEach((variant, v) => {
      const allowed = Array.from(variant.genotypes, (g, i) =>
        hemizygous(variant) && sex[i] === 'male' && g === 1 ? -1 : g,
      )
      const table = tableOf(allowed, codes)
      expect(rows[v]).toMatchObject({
        case_ref: table.caseRef,
        case_het: table.caseHet,
        case_alt: table.caseAlt,
        control_ref: table.controlRef,
        control_het: table.controlHet,
        control_alt: table.controlAlt,
      })
      expect(rows[v].trend_exact_p).toBeCloseTo(exactTrend(table).p, 13)
    })
  })

  it('takes the allele frequency from dosages', () => {
    variants.forEach((variant, v) => {
      if (variant.dosages === undefined) return
      let alt = 0
      let alleles = 0
      for (const [i, copies] of copiesOf(variant).entries()) {
        if (Number.isNaN(copies)) continue
        const haploid = hemizygous(variant) && sex[i] === 'male'
        alt += haploid ? copies / 2 : copies
        alleles += haploid ? 1 : 2
      }
      expect(rows[v].maf).toBeCloseTo(Math.min(alt, alleles - alt) / alleles, 14)
    })
  })

  it('fits a variant without any hard call among cases, and none whose hard calls do not vary', () => {
    const at = (position: number) => rows.find((r) => r.chromosome === '5' && r.position === position)
    expect(at(12)).toMatchObject({ n_cases: 0 })
    expect(at(12)?.firth_p).not.toBeNull()
    expect(at(13)).toMatchObject({ status: 'monomorphic', firth_p: null, or: null })
  })

  it('takes over the fit of the same dosages, not that of the same hard calls', () => {
    const [first, again, other] = [rows[3], rows[30], rows[31]]
    expect(again.or).toBe(first.or)
    expect(again.firth_p).toBe(first.firth_p)
    expect(other.trend_exact_p).toBe(first.trend_exact_p)
    expect(other.or).not.toBe(first.or)
  })

  it('leaves rows without dosages as they are without any in the store', async () => {
    const plain = await run(variants.map(({ dosages: _dosages, ...variant }) => variant))
    expect(plain.summary.flags.dosage).toBeUndefined()
    variants.forEach(({ dosages }, v) => {
      if (dosages === undefined) expect(rows[v]).toEqual(plain.rows[v])
      else if (plain.rows[v].status === 'ok') expect(rows[v].or).not.toBe(plain.rows[v].or)
    })
    // The family is one of exact tests.
    expect(summary.families).toEqual(plain.summary.families)
  })

  it('reads the lead with its dosages, for Firth and the efficient score', async () => {
    const store = await openStore(host, folder)
    const lead = await readVariant(store, design, 11)
    await store.close()
    expect(Array.from(lead.genotypes)).toEqual(calls(variants[11].dosages ?? []))
    const copies = copiesOf(variants[11])
    expect(Array.from(lead.dosages ?? [])).toEqual(copies.map((c) => (Number.isNaN(c) ? -1 : c)))
    const of = (variant: LeadVariant, test: string) =>
      testLead(variant, design, labels, true).lead.tests.find((t) => t.test === test)
    const firth = of(lead, 'firth_p')
    expect(firth?.note).toBe('Firth on dosages, adjusted for age')
    expect(Math.log(firth?.p ?? 0)).toBeCloseTo(referee(copies, [age]).logP, 6)
    expect(of(lead, 'efficient_score_p')?.note).toContain('efficient score of dosages')
    // Dosages that are whole numbers say what the hard calls say.
    const whole = { ...lead, dosages: Float64Array.from(lead.genotypes) }
    for (const test of ['firth_p', 'efficient_score_p', 'trend_exact_p'])
      expect(of(whole, test)?.p).toBe(of({ ...lead, dosages: null }, test)?.p)
    expect(of({ ...lead, dosages: null }, 'firth_p')?.p).not.toBe(firth?.p)
    const scores = efficientScores(lead.dosages ?? [], design.covariates.columns, design.risks ?? [])
    const weights = Array.from(design.risks ?? [], (p, i) => (Number.isNaN(copies[i]) ? 0 : p * (1 - p)))
    expect(scores.reduce((sum, s, i) => sum + weights[i] * s, 0)).toBeCloseTo(0, 8)
    expect(scores.reduce((sum, s, i) => sum + weights[i] * s * age[i], 0)).toBeCloseTo(0, 6)
  })

  it('fits a lead of X as its row is fitted, with sex except in pseudoautosomal regions', async () => {
    const store = await openStore(host, folder)
    for (const [v, { chromosome, position }] of variants.entries()) {
      if (chromosome !== 'X') continue
      const row = rows.find((r) => r.chromosome === 'X' && r.position === position)
      const { lead } = testLead(await readVariant(store, design, v), design, labels, false)
      const p = lead.tests.find(({ test }) => test === 'firth_p')?.p ?? 0
      expect(Math.log(p)).toBeCloseTo(Math.log(Number(row?.firth_p)), 8)
    }
    await store.close()
  })

  it('calibrates Firth on dosages', () => {
    const planes = new Uint8Array(8 * design.words * 6)
    for (let r = 0; r < 6; r++)
      for (let i = 0; i < people; i++)
        if ((i * 7 + r) % 6 === 0) planes[r * 8 * design.words + (design.bits[i] >> 3)] |= 1 << (design.bits[i] & 7)
    const copies = copiesOf(variants[11])
    const setup = {
      words: design.words,
      bits: design.bits,
      columns: [Float64Array.from(age)],
      records: new Uint8Array(16 * design.words),
      recordBins: Int32Array.of(1),
      dosages: [Float64Array.from(copies)],
      planes,
      sets: null,
    }
    const { rejections, failed } = calibrateFirth(setup, { first: 0, last: 6 })
    expect(failed).toBe(0)
    for (let r = 0; r < 6; r++) {
      const labelled = samples.map((_, i) => ((i * 7 + r) % 6 === 0 ? 1 : 0))
      const who = samples.map((_, i) => i).filter((i) => !Number.isNaN(copies[i]))
      const x = who.map((i) => [1, (age[i] - 50) / 10, copies[i]])
      const y = who.map((i) => labelled[i])
      const gain = (refereeFirth(x, y)?.penalised ?? 0) - (refereeFirth(x, y, true)?.penalised ?? 0)
      levels.forEach(({ log }, level) => {
        expect(rejections[(1 * levels.length + level) * 6 + r]).toBe(chiSquareLogTail(2 * gain, 1) <= log ? 1 : 0)
      })
    }
    expect(countBins.length).toBeGreaterThan(1)
  })
})
