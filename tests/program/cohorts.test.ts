import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { beforeAll, describe, expect, it } from 'vitest'
import { openStore } from '../../src/genotypes/index.ts'
import { type Cohort, writeBed } from '../../src/genotypes/testing/cohort.ts'
import { nodeHost } from '../../src/host/node/index.ts'
import type { AssociationSummary } from '../../src/results/association.ts'
import { type Patient, patientsTable } from '../../src/results/clinical.ts'
import {
  type GenotypesSummary,
  mergeTable,
  type Quality,
  referenceTable,
  type SampleQuality,
  samplesTable,
} from '../../src/results/genotypes.ts'
import type { Manifest } from '../../src/results/manifest.ts'
import { type MatchRow, matchingTable } from '../../src/results/matching.ts'
import type { RegionsSummary } from '../../src/results/regions.ts'
import { readRows } from '../../src/results/rows.ts'
import { scratch, upturn } from './upturn.ts'

const folder = scratch()
const host = nodeHost()
const at = (...names: string[]) => join(folder, ...names)

interface Record {
  chromosome: string
  position: number
  ref: string
  alt: string
  id: string
  /** 0, 1, 2 copies of alt, 3 missing, by person of the cohort. */
  codes: number[]
}

const complement = (base: string) => 'TGCA'['ACGT'.indexOf(base)]
const isAmbiguous = ({ ref, alt }: Record) => complement(ref) === alt
const keyOf = ({ chromosome, position, ref, alt }: Pick<Record, 'chromosome' | 'position' | 'ref' | 'alt'>) =>
  `${chromosome}:${position}:${ref}:${alt}`
const exchanged = (record: Record): Record => ({
  ...record,
  ref: record.alt,
  alt: record.ref,
  codes: record.codes.map((code) => (code === 3 ? 3 : 2 - code)),
})

/** What was planted, by the row that must tell of it. */
interface Planted {
  key: string
  action: string
  reason: string
  cohorts: string
  alleles: string
}
const planted: Planted[] = []
/** Variants that both cohorts have in the end, in the orientation of the first; codes of star, then of harbor. */
const expected = new Map<string, { star: number[]; harbor: number[] }>()

let starIds: string[] = []
let harborIds: string[] = []
/** The person of star who enrolled in harbor too. */
let twice = { star: '', harbor: '' }

/** Splits a simulated cohort in two, spoils the second one's files, and gives both the same ids by accident. */
function makeCohorts(): void {
  const lines = gunzipSync(readFileSync(at('whole', 'genotypes.vcf.gz')))
    .toString('utf8')
    .trimEnd()
    .split('\n')
  const header =
    lines
      .find((line) => line.startsWith('#CHROM'))
      ?.split('\t')
      .slice(9) ?? []
  const records = lines
    .filter((line) => !line.startsWith('#'))
    .map((line) => line.split('\t'))
    .map(([chromosome, position, id, ref, alt, , , , , ...cells]) => ({
      chromosome,
      position: Number(position),
      id,
      ref,
      alt,
      codes: cells.map((cell) =>
        cell.includes('.') ? 3 : cell.length === 1 ? 2 * Number(cell) : Number(cell[0]) + Number(cell[2]),
      ),
    }))
  // Every third person is harbor's; the last of star's is there a second time.
  const inHarbor = header.map((_, s) => s).filter((s) => s % 3 === 1)
  const inStar = header.map((_, s) => s).filter((s) => s % 3 !== 1)
  const copied = inStar[10]
  const harborColumns = [...inHarbor, copied]
  starIds = inStar.map((_, k) => `N${String(k).padStart(3, '0')}`)
  harborIds = harborColumns.map((_, k) => `N${String(k).padStart(3, '0')}`)
  twice = { star: `star:${starIds[10]}`, harbor: `harbor:${harborIds[harborColumns.length - 1]}` }

  const star: Record[] = []
  const harbor: Record[] = []
  const plant = (record: Record, action: string, reason: string, cohorts: string, alleles: string) =>
    planted.push({ key: keyOf(record), action, reason, cohorts, alleles })
  for (const [v, whole] of records.entries()) {
    const one: Record = { ...whole, codes: inStar.map((s) => whole.codes[s]) }
    const two: Record = { ...whole, codes: harborColumns.map((s) => whole.codes[s]) }
    const { ref, alt } = whole
    const both = `star ${ref}>${alt}; harbor ${ref}>${alt}`
    star.push(one)
    if (isAmbiguous(whole)) {
      harbor.push(v % 2 === 0 ? two : exchanged(two))
      plant(
        one,
        'dropped',
        'strand-ambiguous',
        'star, harbor',
        v % 2 === 0 ? both : `star ${ref}>${alt}; harbor ${alt}>${ref}`,
      )
      continue
    }
    if (v % 10 === 3) {
      harbor.push(exchanged(two))
      plant(one, 'exchanged', 'reference and alternate exchanged', 'harbor', `star ${ref}>${alt}; harbor ${alt}>${ref}`)
    } else if (v % 100 === 17) {
      const flipped = { ...two, ref: complement(ref), alt: complement(alt) }
      harbor.push(flipped)
      plant(
        one,
        'dropped',
        'alleles of the other strand',
        'harbor',
        `star ${ref}>${alt}; harbor ${flipped.ref}>${flipped.alt}`,
      )
      continue
    } else if (v % 100 === 27) {
      // The alternate allele that makes neither the same class nor an ambiguous one.
      const third = [...'ACGT'].find((base) => base !== ref && base !== alt && base !== complement(ref)) ?? ''
      harbor.push({ ...two, alt: third })
      plant(one, 'dropped', 'other alleles at the position', 'harbor', `star ${ref}>${alt}`)
      plant({ ...two, alt: third }, 'dropped', 'other alleles at the position', 'star', `harbor ${ref}>${third}`)
      continue
    } else if (v % 100 === 37) {
      plant(one, 'dropped', 'not in every cohort', 'harbor', `star ${ref}>${alt}`)
      continue
    } else if (v % 100 === 47) {
      harbor.push(two, { ...two, id: `again${v}`, codes: two.codes.map(() => 0) })
      plant(one, 'first one kept', 'duplicate of an earlier variant', 'harbor', `harbor ${ref}>${alt}`)
    } else if (v % 100 === 57) {
      harbor.push(two, exchanged(two))
      plant(
        one,
        'dropped',
        'the same variant twice in one cohort, written differently',
        'harbor',
        `star ${ref}>${alt}; harbor ${[`${ref}>${alt}`, `${alt}>${ref}`].sort().join(', ')}`,
      )
      continue
    } else harbor.push(two)
    expected.set(keyOf(one), { star: one.codes, harbor: two.codes })
  }

  mkdirSync(at('study', 'star'), { recursive: true })
  mkdirSync(at('study', 'harbor'), { recursive: true })
  const text = ['0/0', '0/1', '1/1', './.']
  writeFileSync(
    at('study', 'star', 'all.vcf'),
    `##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${starIds.join('\t')}\n${star
      .map(
        (r) =>
          `${r.chromosome}\t${r.position}\t${r.id}\t${r.ref}\t${r.alt}\t.\tPASS\t.\tGT\t${r.codes.map((code) => text[code]).join('\t')}\n`,
      )
      .join('')}`,
  )
  const bed: Cohort = {
    samples: harborIds,
    keys: {
      chromosome: harbor.map((r) => r.chromosome),
      position: Int32Array.from(harbor, (r) => r.position),
      ref: harbor.map((r) => r.ref),
      alt: harbor.map((r) => r.alt),
      rsid: harbor.map((r) => r.id),
    },
    codes: harbor.map((r) => r.codes),
  }
  harborBed = bed

  // Clinical tables: the rows of each cohort's people under the cohort's own ids.
  const genotyped = readFileSync(at('whole', 'clinical', 'GENOTYPED.csv'), 'utf8')
    .trim()
    .split('\n')
    .slice(1)
  const sampleOf = new Map(genotyped.map((line) => line.split(',').slice(0, 2) as [string, string]))
  for (const [name, columns, ids] of [
    ['star', inStar, starIds],
    ['harbor', harborColumns, harborIds],
  ] as const) {
    const own = new Map(columns.map((s, k) => [header[s], ids[k]]))
    mkdirSync(at('study', name, 'clinical'), { recursive: true })
    for (const file of readdirSync(at('whole', 'clinical'))) {
      const [head, ...rows] = readFileSync(at('whole', 'clinical', file), 'utf8')
        .trim()
        .split('\n')
      const kept = rows.flatMap((row) => {
        const [subject, ...cells] = row.split(',')
        const id = own.get(sampleOf.get(subject) ?? '')
        if (id === undefined) return []
        if (file === 'GENOTYPED.csv') cells[0] = id
        return [[`1${id.slice(1)}`, ...cells].join(',')]
      })
      writeFileSync(at('study', name, 'clinical', file), `${[head, ...kept].join('\n')}\n`)
    }
  }
}
let harborBed: Cohort

const studyText = (extra = '', harborBuild = 'GRCh38') => `name: two cohorts
seed: 7
cohorts:
  star:
    clinical: { source: pro-act, path: star/clinical/ }
    genotypes: { vcf: star/all.vcf, build: GRCh38 }
  harbor:
    clinical: { source: pro-act, path: harbor/clinical/ }
    genotypes: { bed: harbor/all.bed, build: ${harborBuild} }
covariates: [sex, age_at_onset]
permutations: 200
calibration: { replicates: 40 }
${extra}`

const manifestOf = (out: string) => JSON.parse(readFileSync(join(out, 'manifest.json'), 'utf8')) as Manifest
const json = <T>(...names: string[]) => JSON.parse(readFileSync(at(...names), 'utf8')) as T

describe('a study of two cohorts', () => {
  beforeAll(async () => {
    const made = upturn([
      'simulate',
      '--out',
      at('whole'),
      '--people',
      '125',
      '--variants',
      '6000',
      '--seed',
      '7',
      '--quiet',
    ])
    expect(made.code).toBe(0)
    makeCohorts()
    await writeBed(at('study', 'harbor', 'all'), harborBed)
    writeFileSync(at('study', 'study.yaml'), studyText())
    const run = upturn(['run', at('study', 'study.yaml'), '--out', at('out'), '--workers', '2', '--quiet'])
    expect(run.stderr).toBe('')
    expect(run.code).toBe(0)
  })

  it('check says what both hold, and that ids are shared', () => {
    const checked = upturn(['check', at('study', 'study.yaml')])
    expect(checked.code).toBe(0)
    expect(checked.stdout).toMatch(/star: \d+ people with \d+ visits/)
    expect(checked.stdout).toMatch(/harbor: \d+ people/)
    expect(checked.stdout).toMatch(/sample ids stand in several cohorts, such as N000 in star and harbor/)
  })

  it('lists every planted problem, and nothing else, in merge.parquet', async () => {
    const rows = await readRows<Planted & { chromosome: string; position: number; ref: string; alt: string }>(
      host,
      at('out', 'merge.parquet'),
      mergeTable,
    )
    const line = (row: Planted) => [row.key, row.action, row.reason, row.cohorts, row.alleles].join(' | ')
    const found = rows.map((row) => line({ ...row, key: keyOf(row) })).sort()
    expect(found).toEqual(planted.map(line).sort())
    const summary = json<GenotypesSummary>('out', 'genotypes.json')
    const counted = (action: string) => {
      const counts: { [reason: string]: number } = {}
      for (const row of planted.filter((one) => one.action === action))
        counts[row.reason] = (counts[row.reason] ?? 0) + 1
      return counts
    }
    expect(summary.merge?.dropped).toEqual(counted('dropped'))
    expect(Object.keys(summary.merge?.dropped ?? {}).length).toBe(5)
    expect(summary.merge?.changed).toEqual(counted('exchanged'))
    expect(summary.dropped).toEqual(counted('first one kept'))
    expect(summary.merge?.partial).toBe(0)
    expect(summary.merge?.sharedIds).toBe(harborIds.length)
    expect(summary.cohorts?.map(({ cohort, format, samples }) => [cohort, format, samples])).toEqual([
      ['star', 'vcf', starIds.length],
      ['harbor', 'bed', harborIds.length],
    ])
  })

  it('has the genotypes of a merge by hand', async () => {
    const stage = manifestOf(at('out')).stages.find(({ stage: name }) => name === 'genotypes')
    const store = await openStore(host, at('out', '.stages', stage?.folder ?? ''))
    const samples = [...harborIds.map((id) => `harbor:${id}`), ...starIds.map((id) => `star:${id}`)]
    expect(store.header.samples).toEqual(samples)
    expect(store.header.variants).toBe(expected.size)
    const plane = 8 * store.header.wordsPerPlane
    for (const b of store.header.blocks.keys()) {
      const keys = await store.keys(b)
      const bytes = await store.genotypes(b)
      for (let v = 0; v < keys.ref.length; v++) {
        const key = keyOf({
          chromosome: keys.chromosome[v],
          position: keys.position[v],
          ref: keys.ref[v],
          alt: keys.alt[v],
        })
        const codes = samples.map((_, s) => {
          const low = (bytes[2 * plane * v + (s >> 3)] >> (s & 7)) & 1
          const high = (bytes[2 * plane * v + plane + (s >> 3)] >> (s & 7)) & 1
          return low + 2 * high
        })
        const by = expected.get(key)
        if (codes.join('') !== [...(by?.harbor ?? []), ...(by?.star ?? [])].join('')) throw new Error(`${key} differs`)
      }
    }
    await store.close()
  })

  it('people carry their cohort, and somebody in both is found by genotypes', async () => {
    const patients = await readRows<Patient>(host, at('out', 'patients.parquet'), patientsTable)
    expect(
      new Set(patients.map((row) => `${row.cohort} ${row.patient.split(':')[0]} ${row.sample?.split(':')[0]}`)),
    ).toEqual(new Set(['star star star', 'harbor harbor harbor']))
    const samples = await readRows<SampleQuality>(host, at('out', 'samples.parquet'), samplesTable)
    for (const row of samples) expect(row.cohort).toBe(row.sample.split(':')[0])
    const quality = json<Quality>('out', 'quality.json')
    const across = quality.pairs.filter(({ relationship }) => relationship === 'duplicate')
    expect(across.map(({ a, b, cohorts }) => [a, b, cohorts])).toContainEqual([
      twice.harbor,
      twice.star,
      ['harbor', 'star'],
    ])
    expect(quality.notes.join(' ')).toContain(`${twice.harbor} in harbor is ${twice.star} in star`)
    const gone = samples.filter(({ sample }) => sample === twice.harbor || sample === twice.star)
    expect(gone.map(({ kept }) => kept).sort()).toEqual([false, true])
    // Not matched, it shows the matched form of its lead.
    const { matchedLead } = json<RegionsSummary>('out', 'regions.json')
    expect(matchedLead).toMatchObject({ sets: expect.any(Number), cases: expect.any(Number) })
    const report = readFileSync(at('out', 'report.html'), 'utf8')
    expect(report).toContain('Firth in matched sets')
    for (const words of ['Merging 2 cohorts', 'strand-ambiguous', 'No reference sequence was given'])
      expect(report.includes(words), words).toBe(true)
  })

  it('gives the same digest with one worker, and leaves no store of a cohort behind', () => {
    const again = upturn(['run', at('study', 'study.yaml'), '--out', at('again'), '--workers', '1', '--quiet'])
    expect(again.code).toBe(0)
    expect(manifestOf(at('again')).resultDigest).toBe(manifestOf(at('out')).resultDigest)
    expect(readdirSync(at('out'), { recursive: true }).filter((name) => /cohort-\d/.test(String(name)))).toEqual([])
  })

  it('is run matched, on what is already there: sets within cohorts, every test within them', async () => {
    const file = at('study', 'matched.yaml')
    const matching = 'design: matched\ngene_tests: { sets: 200 }\nmatching: { ratio: 3, exact: [cohort, sex] }\n'
    writeFileSync(
      file,
      studyText(matching).replace('replicates: 40', 'replicates: 20').replace('permutations: 200', 'permutations: 50'),
    )
    const run = upturn(['run', file, '--out', at('again'), '--workers', '1', '--quiet'])
    expect(run.stderr).toBe('')
    expect(run.code).toBe(0)
    const rows = await readRows<MatchRow>(host, at('again', 'matching.parquet'), matchingTable)
    const cohortOf = new Map<number, string>()
    for (const { set, patient } of rows) {
      const [cohort] = patient.split(':')
      expect(cohortOf.get(set) ?? cohort).toBe(cohort)
      cohortOf.set(set, cohort)
    }
    expect(new Set(cohortOf.values())).toEqual(new Set(['star', 'harbor']))
    const summary = json<AssociationSummary>('again', 'association.json')
    // The sets of whoever has genotypes that passed: the person who is in both cohorts is in one of them.
    expect(summary.matched?.sets).toBe(summary.cases)
    expect(summary.cases).toBeGreaterThan(15)
    expect(summary.families.at(-1)?.masks).toBe('within matched sets')
    expect(summary.matched?.matchedOn).toContain('sex')
    expect(summary.lead?.tests.map(({ test }) => test)).toContain('unmatched_firth_p')
    expect(summary.sourceConfounded).toBe(false)
    expect(readFileSync(at('again', 'report.html'), 'utf8')).toContain('The design is matched')
  })

  it('keeps what only one cohort has when asked to, missing in the other, and flags the rows', async () => {
    const file = at('study', 'any.yaml')
    writeFileSync(file, studyText('merge: { require: any, strand: flip }\nquality: { variant_call_rate: 0.5 }\n'))
    const run = upturn(['run', file, '--out', at('any'), '--workers', '2', '--quiet', '--stage', 'association'])
    expect(run.stderr).toBe('')
    const { merge } = json<GenotypesSummary>('any', 'genotypes.json')
    const with_ = (reason: string) => planted.filter((row) => row.reason === reason).length
    expect(merge?.partial).toBe(with_('not in every cohort') + with_('other alleles at the position'))
    expect(merge?.changed['alleles of the other strand']).toBe(with_('alleles of the other strand'))
    const { flags } = json<{ flags: { [flag: string]: number } }>('any', 'association.json')
    expect(flags.not_in_every_cohort).toBeGreaterThan(0)
    expect(flags.not_in_every_cohort).toBeLessThanOrEqual(merge?.partial ?? 0)
  })

  it('refuses cohorts of two builds, and says that nothing is lifted over', () => {
    const file = at('study', 'builds.yaml')
    writeFileSync(file, studyText('', 'GRCh37'))
    const result = upturn(['check', file])
    expect(result.code).toBe(2)
    expect(result.stderr).toMatch(
      /builds\.yaml:9:\d+ cohorts\.harbor\.genotypes\.build: GRCh37 where star is on GRCh38; positions are not lifted over/,
    )
    writeFileSync(file, studyText('merge: { ambiguous: flip }\n'))
    const wrong = upturn(['check', file])
    expect(wrong.stderr).toMatch(/builds\.yaml:13:\d+ merge\.ambiguous: "flip" is not one of drop, keep/)
    // Two files of one cohort with different people are found before any long work, too.
    writeFileSync(file, studyText().replace('vcf: star/all.vcf', 'vcf: [star/all.vcf, star/other.vcf]'))
    writeFileSync(
      at('study', 'star', 'other.vcf'),
      '##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tN000\tQ1\n',
    )
    expect(upturn(['check', file]).stderr).toMatch(
      /cohorts\.star\.genotypes\.vcf: .*other\.vcf: this file has the sample Q1, unlike .*all\.vcf/,
    )
    writeFileSync(file, studyText('reference: nowhere.fa\n'))
    expect(upturn(['check', file]).stderr).toMatch(
      /builds\.yaml:13:\d+ reference: .*nowhere\.fa: there is no such file/,
    )
  })
})

describe('two cohorts and a reference sequence', () => {
  // A repeat of CAG, in which the same deletion is written at different places.
  const base = (k: number) => 'ACGT'[(k * k * 7 + (k >> 2) * 5 + 3) & 3]
  const genome = `${Array.from({ length: 300 }, (_, k) => base(k)).join('')}T${'CAG'.repeat(10)}T${Array.from({ length: 300 }, (_, k) => base(k + 999)).join('')}`
  const repeat = 302
  const transition = (position: number) => 'GTAC'['ACGT'.indexOf(genome[position - 1])]
  const snv = (position: number, turned = false) => {
    const [ref, alt] = [genome[position - 1], transition(position)]
    return turned ? `1\t${position}\t.\t${alt}\t${ref}` : `1\t${position}\t.\t${ref}\t${alt}`
  }
  const lines = (turned: (position: number) => boolean, deletion: string) => [
    ...Array.from({ length: 90 }, (_, k) => 3 * k + 5).map((position) => snv(position, turned(position))),
    deletion,
  ]
  const star = lines(() => false, `1\t${repeat - 1}\t.\tTCAG\tT`)
  const harbor = lines((position) => position % 2 === 0, `1\t${repeat + 11}\t.\tGCAG\tG`)

  const write = (name: string, records: readonly string[], ids: readonly string[]) => {
    mkdirSync(at('reference', name), { recursive: true })
    writeFileSync(
      at('reference', name, 'all.vcf'),
      `##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\t${ids.join('\t')}\n${records
        .map((line) => `${line}\t.\tPASS\t.\tGT\t${ids.map((_, s) => ['0/1', '0/0', '1/1'][s % 3]).join('\t')}\n`)
        .join('')}`,
    )
    writeFileSync(
      at('reference', name, 'visits.csv'),
      `patient,day,scale,total\n${ids.map((id) => `${id},0,ALSFRS-R,40\n`).join('')}`,
    )
  }
  const text = (reference: string) => `name: with a reference
cohorts:
  star:
    clinical: { source: table, path: star/visits.csv }
    genotypes: { vcf: star/all.vcf, build: GRCh38 }
  harbor:
    clinical: { source: table, path: harbor/visits.csv }
    genotypes: { vcf: harbor/all.vcf, build: GRCh38 }
reference: ${reference}
covariates: []
`

  it('meet at left-aligned keys, with everything turned to the reference', async () => {
    write('star', star, ['a', 'b', 'c'])
    write('harbor', harbor, ['a', 'b'])
    writeFileSync(at('reference', 'genome.fa'), `>chr1 made up\n${genome.replaceAll(/.{50}/g, '$&\n')}\n`)
    writeFileSync(at('reference', 'study.yaml'), text('genome.fa'))
    const run = upturn([
      'run',
      at('reference', 'study.yaml'),
      '--out',
      at('referred'),
      '--stage',
      'genotypes',
      '--quiet',
    ])
    expect(run.stderr).toBe('')
    expect(run.code).toBe(0)
    const summary = json<GenotypesSummary>('referred', 'genotypes.json')
    expect(summary.variants).toBe(91)
    expect(summary.merge).toMatchObject({ dropped: {}, changed: {}, variants: 91 })
    expect(summary.reference).toMatchObject({ file: 'genome.fa', compared: 182, exchanged: 45, leftAligned: 1 })
    expect(summary.cohorts?.map(({ reference }) => reference?.exchanged)).toEqual([0, 45])
    const rows = await readRows<{ cohort: string; file: string; action: string; reference: string; position: number }>(
      host,
      at('referred', 'reference.parquet'),
      referenceTable,
    )
    expect(new Set(rows.map((row) => `${row.cohort} ${row.file} ${row.action}`))).toEqual(
      new Set(['harbor harbor/all.vcf exchanged']),
    )
    for (const row of rows) expect(row.reference).toBe(genome[row.position - 1])
    const stage = manifestOf(at('referred')).stages.find(({ stage: name }) => name === 'genotypes')
    const store = await openStore(host, at('referred', '.stages', stage?.folder ?? ''))
    const keys = await store.keys(0)
    const deletion = keys.ref.findIndex((ref) => ref.length > 1)
    expect([keys.position[deletion], keys.ref[deletion], keys.alt[deletion]]).toEqual([repeat - 1, 'TCAG', 'T'])
    await store.close()
  })

  it('are refused where the sequence is of another build', () => {
    writeFileSync(at('reference', 'shifted.fa'), `>1\nG${genome}\n`)
    writeFileSync(at('reference', 'shifted.yaml'), text('shifted.fa'))
    const run = upturn([
      'run',
      at('reference', 'shifted.yaml'),
      '--out',
      at('shifted'),
      '--stage',
      'genotypes',
      '--quiet',
    ])
    expect(run.code).toBe(2)
    expect(run.stderr).toMatch(
      /star\/all\.vcf: \d+ of 91 variants .* no allele of the reference sequence .*shifted\.fa.*of another build/,
    )
  })
})
