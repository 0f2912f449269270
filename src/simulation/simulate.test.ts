import { createHash } from 'node:crypto'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { afterAll, describe, expect, it } from 'vitest'
import { readClinical } from '../clinical/index.ts'
import { type RunChunks, runInline, type Workshop } from '../compute/task.ts'
import { isUpturnError } from '../errors/index.ts'
import { nodeHost } from '../host/node/index.ts'
import { completeOptions, type SimulationOptions } from './options.ts'
import { simulateCohort } from './simulate.ts'
import type { Truth } from './truth.ts'

const root = mkdtempSync(join(tmpdir(), 'upturn-simulation-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const host = nodeHost()
const signal = new AbortController().signal
const inline = runInline(host, signal)

/** Runs the chunks last first, each in a worker of its own, and gives results in order. */
const scattered: RunChunks = async function* run(task, setup, chunks) {
  const results = []
  for (const chunk of [...chunks].reverse()) results.unshift(await (await task.prepare(setup, host))(chunk, signal))
  yield* results
}

const workshop = (run: RunChunks): Workshop => ({ host, run, signal, progress: () => {} })
const digest = (folder: string) => {
  const hash = createHash('sha256')
  const walk = (path: string) => {
    for (const entry of readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1)))
      if (entry.isDirectory()) walk(join(path, entry.name))
      else hash.update(entry.name).update(readFileSync(join(path, entry.name)))
  }
  walk(folder)
  return hash.digest('hex')
}

const small: Partial<SimulationOptions> = {
  seed: 12,
  people: 60,
  cases: 6,
  variants: 600,
  prevalence: 0.02,
  relatives: 2,
  duplicates: 1,
  swaps: 1,
  slow: 2,
  rapid: 2,
  plateaus: 2,
  pseudoReversals: 2,
  mimics: 1,
  controls2: 10,
  missingRate: 0.01,
}

interface Genotypes {
  samples: string[]
  keys: string[]
  /** Copies of alt, null where missing, by variant and sample. */
  copies: (number | null)[][]
}

function readVcf(path: string): Genotypes {
  const lines = gunzipSync(readFileSync(path)).toString().trimEnd().split('\n')
  const header = lines.find((line) => line.startsWith('#CHROM'))!
  const rows = lines.filter((line) => !line.startsWith('#')).map((line) => line.split('\t'))
  const copies = (cell: string) => {
    if (cell.startsWith('.')) return null
    return cell.length === 1 ? 2 * Number(cell) : Number(cell[0]) + Number(cell[2])
  }
  return {
    samples: header.split('\t').slice(9),
    keys: rows.map(([chromosome, position, , ref, alt]) => `${chromosome}:${position}:${ref}:${alt}`),
    copies: rows.map((row) => row.slice(9).map(copies)),
  }
}

function readBed(prefix: string): Genotypes {
  const cells = (path: string) =>
    readFileSync(path, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => line.split('\t'))
  const samples = cells(`${prefix}.fam`).map(([, id]) => id)
  const variants = cells(`${prefix}.bim`)
  const bed = readFileSync(`${prefix}.bed`)
  const bytes = Math.ceil(samples.length / 4)
  const codes = [2, null, 1, 0]
  return {
    samples,
    keys: variants.map(([chromosome, , , position, alt, ref]) => `${chromosome}:${position}:${ref}:${alt}`),
    copies: variants.map((_, v) => samples.map((_, s) => codes[(bed[3 + v * bytes + (s >> 2)] >> (2 * (s & 3))) & 3])),
  }
}

describe('a simulated cohort', async () => {
  const folder = join(root, 'one')
  const truth = await simulateCohort(small, folder, workshop(inline))
  const vcf = readVcf(join(folder, 'genotypes.vcf.gz'))
  const bed = readBed(join(folder, 'genotypes'))
  const column = new Map(vcf.samples.map((sample, s) => [sample, s]))
  const dosagesAt = (key: string) => vcf.copies[vcf.keys.indexOf(key)]

  it('is the same bytes again, with chunks in any order, and other bytes with another seed', async () => {
    await simulateCohort(small, join(root, 'again'), workshop(scattered))
    expect(digest(join(root, 'again'))).toBe(digest(folder))
    await simulateCohort({ ...small, seed: 13 }, join(root, 'other'), workshop(inline))
    expect(digest(join(root, 'other'))).not.toBe(digest(folder))
  })

  it('holds exactly the variants asked for, sorted, the same in VCF and BED', () => {
    expect(vcf.keys).toHaveLength(600)
    expect(new Set(vcf.keys).size).toBe(600)
    const order = [...Array.from({ length: 22 }, (_, i) => `${i + 1}`), 'X']
    const place = (key: string) => order.indexOf(key.split(':')[0]) * 1e9 + Number(key.split(':')[1])
    expect(vcf.keys.map(place)).toEqual(vcf.keys.map(place).sort((a, b) => a - b))
    expect(bed).toEqual(vcf)
    const second = readBed(join(folder, 'controls_2'))
    expect(second.samples).toEqual(truth.controls2)
    expect(second.keys).toEqual(vcf.keys)
  })

  it('tells the truth about the causal variant', () => {
    const { key } = truth.causal!
    expect(key).toMatch(/^4:57(0[3-9]|1[01])\d{4}:[ACGT]:[ACGT]$/)
    for (const person of truth.people) {
      const copies = dosagesAt(key)[column.get(person.ownSample!)!]
      if (copies !== null) expect(copies).toBe(person.dosage)
    }
    const mean = (group: string) => {
      const people = truth.people.filter((person) => person.class === group)
      return people.reduce((sum, { dosage }) => sum + dosage, 0) / people.length
    }
    expect(mean('reversal')).toBeGreaterThan(mean('typical') + 0.2)
    expect(truth.model.oddsRatio).toBeCloseTo(12, 7)
  })

  it('has the families, duplicates and swaps that it says', () => {
    const own = new Map(truth.people.map(({ patient, ownSample, sample }) => [patient, { ownSample, sample }]))
    const genome = (patient: string) => {
      const s = column.get(own.get(patient)!.ownSample!)!
      return vcf.copies.filter((_, v) => !vcf.keys[v].startsWith('X')).map((row) => row[s])
    }
    const opposite = ([a, b]: [string, string]) => {
      const other = genome(b)
      return genome(a).filter((copies, v) => copies !== null && other[v] !== null && Math.abs(copies - other[v]) === 2)
        .length
    }
    expect(truth.relatives.map(({ relation }) => relation)).toEqual(['parent-child', 'full sibs'])
    expect(opposite(truth.relatives[0].patients)).toBe(0)
    const strangers = truth.people.filter(({ class: group }) => group === 'reversal').map(({ patient }) => patient)
    expect(opposite([strangers[0], strangers[1]])).toBeGreaterThan(10)
    const [a, b] = truth.duplicates[0].patients.map(genome)
    expect(a.every((copies, v) => copies === null || b[v] === null || copies === b[v])).toBe(true)
    const [one, two] = truth.swaps[0].patients.map((patient) => own.get(patient)!)
    expect(one.sample).toBe(two.ownSample)
    expect(two.sample).toBe(one.ownSample)
    expect(truth.people.filter(({ sample, ownSample }) => sample !== ownSample)).toHaveLength(2)
  })

  it('gives men one X outside the pseudoautosomal regions', () => {
    const men = truth.people.filter(({ sex }) => sex === 'male').map(({ ownSample }) => column.get(ownSample!)!)
    const women = truth.people.filter(({ sex }) => sex === 'female').map(({ ownSample }) => column.get(ownSample!)!)
    const rows = vcf.copies.filter((_, v) => {
      const [chromosome, position] = vcf.keys[v].split(':')
      return chromosome === 'X' && Number(position) > 2_781_479 && Number(position) < 155_701_383
    })
    const het = (people: number[]) => rows.reduce((sum, row) => sum + people.filter((s) => row[s] === 1).length, 0)
    expect(rows.length).toBeGreaterThan(15)
    expect(het(men)).toBe(0)
    expect(het(women)).toBeGreaterThan(30)
  })

  it('misses about as many calls as asked', () => {
    const cells = vcf.copies.flat()
    const share = cells.filter((copies) => copies === null).length / cells.length
    expect(share).toBeGreaterThan(0.007)
    expect(share).toBeLessThan(0.013)
  })

  it('is read by the clinical reader without a mistake, and totals are the sums of items', async () => {
    const source = { kind: 'pro-act', path: join(folder, 'clinical'), cohort: 'simulated' } as const
    const records = await readClinical(source, host, signal)
    expect(records.patients).toHaveLength(truth.people.length)
    expect(records.intake.findings.filter(({ code }) => code !== 'lab_qualified')).toEqual([])
    const bySex = new Map(truth.people.map((person) => [person.patient, person]))
    for (const patient of records.patients) {
      const person = bySex.get(patient.patient)!
      expect(patient.sex).toBe(person.sex)
      expect(patient.sample).toBe(person.sample)
      expect(patient.mimic !== null).toBe(person.class === 'mimic')
      expect(Math.abs(patient.age_at_onset! - person.ageAtOnset)).toBeLessThan(0.1)
    }
  })

  it('comes with a study file and a truth that reads back', () => {
    expect(readFileSync(join(folder, 'study.yaml'), 'utf8')).toContain('controls_2: { genotypes: { bed: controls_2.bed')
    expect(JSON.parse(readFileSync(join(folder, 'truth.json'), 'utf8'))).toEqual(truth)
    expect(truth.counts).toEqual({
      reversal: 6,
      typical: 57,
      slow: 2,
      rapid: 2,
      plateau: 2,
      'pseudo-reversal': 2,
      mimic: 1,
    })
  })
})

describe('other cohorts', () => {
  const plain = { relatives: 0, duplicates: 0, swaps: 0, controls2: 0 }

  it('without effect: dosage is the same in cases and controls', async () => {
    let difference = 0
    for (let seed = 0; seed < 4; seed++) {
      const truth: Truth = await simulateCohort(
        {
          ...plain,
          seed,
          people: 400,
          cases: 100,
          clinicalOnly: true,
          null: true,
          causalFrequency: 0.3,
          prevalence: 0.1,
        },
        join(root, `null-${seed}`),
        workshop(inline),
      )
      expect(truth.model.oddsRatio).toBeCloseTo(1, 9)
      const mean = (group: string) => {
        const people = truth.people.filter((person) => person.class === group)
        return people.reduce((sum, { dosage }) => sum + dosage, 0) / people.length
      }
      difference += (mean('reversal') - mean('typical')) / 4
    }
    // standard error 0.037
    expect(Math.abs(difference)).toBeLessThan(0.13)
  })

  it('of clinical records alone, with rates from the population', async () => {
    const folder = join(root, 'clinical')
    const truth = await simulateCohort(
      { ...plain, seed: 1, people: 1500, cases: 8, clinicalOnly: true, mixture: 'population' },
      folder,
      workshop(inline),
    )
    expect(readdirSync(folder).sort()).toEqual(['clinical', 'truth.json'])
    expect(readdirSync(join(folder, 'clinical'))).not.toContain('GENOTYPED.csv')
    expect(truth.people).toHaveLength(1500)
    expect(truth.causal).toBeNull()
    expect(truth.counts.reversal).toBe(8)
    expect(truth.counts.rapid / 1492).toBeGreaterThan(0.4)
  })

  it('of few people have fewer cases and no families, unless these are asked for', () => {
    expect(completeOptions({ people: 20 })).toMatchObject({ cases: 5, relatives: 0, duplicates: 0, swaps: 0 })
    expect(completeOptions({ people: 30, relatives: 3 })).toMatchObject({ cases: 22, relatives: 3, swaps: 0 })
    expect(completeOptions({})).toMatchObject({ cases: 22, relatives: 2, duplicates: 1, swaps: 1 })
  })

  it.each([
    [{ people: 20, cases: 22 }, /cases \(22\) must be fewer/],
    [{ cases: 300 }, /cases \(300\) must be fewer/],
    [{ variants: 10 }, /variants is a whole number from 60/],
    [{ fst: 2 }, /fst is a number from 0 to 0.5/],
    [{ swaps: 200 }, /need more typical progressors/],
    [{ formats: [] }, /formats names no file format/],
    [{ sead: 1 } as Partial<SimulationOptions>, /there is no option sead/],
  ] as const)('are refused: %o', async (options, message) => {
    const attempt = simulateCohort(options, join(root, 'refused'), workshop(inline))
    await expect(attempt).rejects.toThrow(message)
    await expect(attempt).rejects.toSatisfy((error) => isUpturnError(error, 'BadArgument'))
  })
})
