import { copyFileSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect } from 'vitest'
import { log, normalLogTail } from '../../src/numerics/special.ts'
import {
  allelicTable,
  cochranArmitage,
  dominantTable,
  fisherTest,
  type GenotypeTable,
  recessiveTable,
} from '../../src/statistics/exact/index.ts'
import { type RefereeFit, refereeFirth } from '../../src/statistics/firth/testing/referee.ts'
import { plink, table } from './plink.ts'

/** How far Upturn and PLINK may lie apart, and why. */
const tolerance = {
  /** plink1.9 prints four significant digits: half a unit of the last is at most 5e-4 of the value. */
  fourDigits: 6e-4,
  /** plink2 prints six significant digits, and so does its exact test of Hardy-Weinberg proportions. */
  sixDigits: 6e-6,
  /** plink2 fits Firth models in single precision and stops early; shares of the standard error, or of the value. */
  firth: 3e-3,
  /** The plain fit and Upturn both work in double precision and stop well below this share of the standard error. */
  referee: 1e-6,
} as const

export interface Person {
  id: string
  /** Family id of the FAM file. */
  family: string
  sex: 'male' | 'female'
  /** null: not recorded, PLINK's -9. */
  case: boolean | null
  /** By name, numbers. */
  covariates: Record<string, number>
}

interface Comparison {
  /** Where PLINK runs and writes. */
  folder: string
  /** Path of the BED file without `.bed`. */
  bed: string
  people: readonly Person[]
  /** Names of covariates; `sex` is given to PLINK as its own. */
  covariates: readonly string[]
  /** Last position of PAR1 and first of PAR2 on X. */
  pseudoautosomal: readonly [number, number]
  /** associations.tsv. */
  associations: string
}

interface Findings {
  /** Values compared, by what they are. */
  compared: Record<string, number>
  /** Disagreements: variant, what, both values. The first hundred. */
  disagreements: string[]
  /** Number of disagreements, by what they are. */
  disagreeing: Record<string, number>
  /** Largest distance that was seen, by what it is, in the units of its tolerance. */
  worst: Record<string, number>
  /** Number of variants by what became of their Firth fit: PLINK's error, or `fitted`, and Upturn's status, or `fitted`. */
  fits: Record<string, number>
  /** Variants of `associations.tsv`. */
  rows: number
  /** Variants that PLINK has. */
  variants: number
}

const numeric = [
  'n_cases',
  'n_controls',
  'case_ref',
  'case_het',
  'case_alt',
  'control_ref',
  'control_het',
  'control_alt',
  'call_rate',
  'maf',
  'hwe_p',
  'fisher_p',
  'or',
  'or_se',
] as const

interface Rows {
  at: Map<string, number>
  alt: string[]
  status: string[]
  flags: string[]
  values: Record<(typeof numeric)[number], Float64Array>
}

function readAssociations(path: string, capacity: number): Rows {
  const rows: Rows = {
    at: new Map(),
    alt: [],
    status: [],
    flags: [],
    values: Object.fromEntries(numeric.map((name) => [name, new Float64Array(capacity)])) as Rows['values'],
  }
  for (const cell of table(path, '\t')) {
    const row = rows.at.size
    rows.at.set(cell('rsid'), row)
    rows.alt.push(cell('alt'))
    rows.status.push(cell('status'))
    rows.flags.push(cell('flags'))
    for (const name of numeric) rows.values[name][row] = cell(name) === '' ? Number.NaN : Number(cell(name))
  }
  return rows
}

/**
 * Prepares PLINK's files: the people of the study alone, variants with a position, X apart from its pseudoautosomal
 * regions, male heterozygotes on X missing. `x` is for what knows sex, `plain` has X under the number of an autosome, for the tests
 * that PLINK refuses on X: men count two copies or none there, as they do in Upturn.
 */
function prepare({ folder, bed, people, covariates, pseudoautosomal }: Comparison): void {
  const write = (name: string, head: string, line: (person: Person) => string | null) => {
    const lines = people.map(line).filter((text) => text !== null)
    writeFileSync(join(folder, name), `${head}${head === '' ? '' : '\n'}${lines.join('\n')}\n`)
  }
  const studied = (person: Person) => person.case !== null
  write('keep.txt', '', (p) => (studied(p) ? `${p.family} ${p.id}` : null))
  write('sex.txt', '', (p) => `${p.family} ${p.id} ${p.sex === 'male' ? 1 : 2}`)
  write('case.txt', '', (p) => (p.case === null ? null : `${p.family} ${p.id} ${p.case ? 2 : 1}`))
  write('controls.txt', '', (p) => (p.case === false ? `${p.family} ${p.id}` : null))
  write('female-controls.txt', '', (p) => (p.case === false && p.sex === 'female' ? `${p.family} ${p.id}` : null))
  const others = covariates.filter((name) => name !== 'sex')
  write('covariates.txt', `#FID IID ${others.join(' ')}`, (p) =>
    studied(p) ? `${p.family} ${p.id} ${others.map((name) => p.covariates[name]).join(' ')}` : null,
  )
  const [par1, par2] = pseudoautosomal.map(String)
  plink(
    folder,
    'plink1.9',
    ['--bfile', bed, '--chr', '1-23', '--update-sex', 'sex.txt', '--split-x', par1, par2, 'no-fail'],
    ['--keep-allele-order', '--make-bed', '--out', 'split'],
  )
  plink(
    folder,
    'plink1.9',
    ['--bfile', 'split', '--keep', 'keep.txt', '--pheno', 'case.txt', '--set-hh-missing'],
    ['--keep-allele-order', '--make-bed', '--out', 'x'],
  )
  for (const part of ['bed', 'fam']) copyFileSync(join(folder, `x.${part}`), join(folder, `plain.${part}`))
  const lines = readFileSync(join(folder, 'x.bim'), 'utf8').replace(/^(23|25|X|XY)\t/gm, '22\t')
  writeFileSync(join(folder, 'plain.bim'), lines)
}

function* bimLines(path: string): Generator<string[]> {
  for (const line of readFileSync(path, 'utf8').trimEnd().split('\n')) yield line.split('\t')
}

/** Compares every row of associations.tsv with plink1.9 and plink2 on the same people. */
export function comparePlink(comparison: Comparison): Findings {
  const { folder, covariates } = comparison
  prepare(comparison)
  const onX = new Set<string>()
  let variants = 0
  for (const [chromosome, id] of bimLines(join(folder, 'x.bim'))) {
    variants++
    if (chromosome === '23' || chromosome === 'X') onX.add(id)
  }
  const { at, alt, status, flags, values } = readAssociations(comparison.associations, variants)
  const found: Findings = {
    compared: {},
    disagreements: [],
    disagreeing: {},
    worst: {},
    fits: {},
    rows: at.size,
    variants,
  }
  const name = (row: number) => `${[...at].find(([, r]) => r === row)?.[0]} (${status[row]} ${flags[row]})`
  /** `distance` of the two in units of the tolerance: 1 is just allowed. */
  const judge = (what: string, row: number, ours: number | string, theirs: number | string, distance: number) => {
    found.compared[what] = (found.compared[what] ?? 0) + 1
    found.worst[what] = Math.max(found.worst[what] ?? 0, distance)
    if (distance <= 1) return
    found.disagreeing[what] = (found.disagreeing[what] ?? 0) + 1
    if (found.disagreements.length < 100) found.disagreements.push(`${name(row)} ${what}: ${ours}, PLINK ${theirs}`)
  }
  /** Relative distance; a value that is absent on both sides agrees. */
  const relative = (ours: number, theirs: number, allowed: number) =>
    Number.isNaN(ours) && Number.isNaN(theirs)
      ? 0
      : ours === theirs
        ? 0
        : Number.isNaN(ours) || Number.isNaN(theirs)
          ? Number.POSITIVE_INFINITY
          : Math.abs(ours - theirs) / (Math.max(Math.abs(ours), Math.abs(theirs)) * allowed)
  const rowOf = (id: string): number => {
    const row = at.get(id)
    if (row === undefined) throw new Error(`${id} is not in ${comparison.associations}`)
    return row
  }
  const genotypes = (row: number): GenotypeTable => ({
    caseRef: values.case_ref[row],
    caseHet: values.case_het[row],
    caseAlt: values.case_alt[row],
    controlRef: values.control_ref[row],
    controlHet: values.control_het[row],
    controlAlt: values.control_alt[row],
  })

  plink(folder, 'plink1.9', '--bfile', 'plain', '--keep-allele-order', '--model', 'fisher', '--out', 'model')
  const memo = new Map<string, number>()
  const exact = (row: number, of: typeof allelicTable): number => {
    const two = of(genotypes(row))
    const key = `${two.caseWith} ${two.caseWithout} ${two.controlWith} ${two.controlWithout}`
    let p = memo.get(key)
    if (p === undefined) {
      p = fisherTest(two).p
      memo.set(key, p)
    }
    return p
  }
  for (const cell of table(join(folder, 'model.model'))) {
    const row = rowOf(cell('SNP'))
    const test = cell('TEST')
    const theirs = Number(cell('P'))
    // A1 is the alternate allele: its order in the BIM file was kept.
    if (test === 'GENO') {
      const count = (...names: (typeof numeric)[number][]) => names.map((column) => values[column][row]).join('/')
      const cases = count('case_alt', 'case_het', 'case_ref')
      const controls = count('control_alt', 'control_het', 'control_ref')
      judge('case counts', row, cases, cell('AFF'), cases === cell('AFF') ? 0 : 2)
      judge('control counts', row, controls, cell('UNAFF'), controls === cell('UNAFF') ? 0 : 2)
      if (cell('A1') !== alt[row]) judge('alternate allele', row, alt[row], cell('A1'), 2)
      judge('fisher_p', row, values.fisher_p[row], theirs, relative(values.fisher_p[row], theirs, tolerance.fourDigits))
    } else if (test === 'TREND') {
      const { p } = cochranArmitage(genotypes(row))
      // Without two genotypes there is no trend: NA to PLINK, p = 1 to Upturn.
      if (status[row] === 'monomorphic' && Number.isNaN(theirs) && p === 1) continue
      judge('Armitage trend', row, p, theirs, relative(p, theirs, tolerance.fourDigits))
    } else {
      const of = { ALLELIC: allelicTable, DOM: dominantTable, REC: recessiveTable }[test]
      if (of === undefined) throw new Error(`unknown test ${test}`)
      const p = exact(row, of)
      judge(`Fisher ${test}`, row, p, theirs, relative(p, theirs, tolerance.fourDigits))
    }
  }

  plink(folder, 'plink2', '--bfile', 'x', '--freq', '--missing', 'variant-only', '--out', 'x')
  for (const cell of table(join(folder, 'x.afreq'))) {
    const row = rowOf(cell('ID'))
    const q = Number(cell('ALT_FREQS'))
    const ours = values.maf[row]
    const theirs = Math.min(q, 1 - q)
    // Six digits of the alternate allele's frequency, which may be the larger one.
    judge('maf', row, ours, theirs, Math.abs(ours - theirs) / (q * tolerance.sixDigits + 1e-12))
  }
  for (const cell of table(join(folder, 'x.vmiss'))) {
    const row = rowOf(cell('ID'))
    const ours = 1 - values.call_rate[row]
    const theirs = Number(cell('F_MISS'))
    judge('call_rate', row, ours, theirs, Math.abs(ours - theirs) / (theirs * tolerance.sixDigits + 1e-12))
  }

  // Of the controls, and on X of the women among them.
  for (const group of ['controls', 'female-controls']) {
    plink(folder, 'plink2', '--bfile', 'plain', '--keep', `${group}.txt`, '--hardy', '--out', group)
    for (const cell of table(join(folder, `${group}.hardy`))) {
      const row = rowOf(cell('ID'))
      if (onX.has(cell('ID')) !== (group === 'female-controls')) continue
      const [ours, theirs] = [values.hwe_p[row], Number(cell('P'))]
      judge('hwe_p', row, ours, theirs, relative(ours, theirs, tolerance.sixDigits))
    }
  }
  plink(
    folder,
    'plink2',
    ['--bfile', 'x', '--covar', 'covariates.txt', '--covar-variance-standardize'],
    ['--glm', 'firth', ...(covariates.includes('sex') ? ['sex'] : []), 'hide-covar'],
    ['cols=chrom,pos,ref,alt,nobs,beta,se,tz,p,err', '--out', 'glm'],
  )
  const referee = firthReferee(comparison, onX)
  for (const cell of table(join(folder, 'glm.PHENO1.glm.firth'))) {
    const id = cell('ID')
    const row = rowOf(id)
    const error = cell('ERRCODE')
    const [or, se] = [values.or[row], values.or_se[row]]
    const fitted = error === '.'
    const key = `${fitted ? 'fitted' : error}, ${Number.isNaN(or) ? status[row] : 'fitted'}`
    found.fits[key] = (found.fits[key] ?? 0) + 1
    if (Number.isNaN(or)) continue
    const beta = log(or)
    if (fitted) {
      const theirBeta = (cell('A1') === alt[row] ? 1 : -1) * Number(cell('BETA'))
      const theirSe = Number(cell('SE'))
      // PLINK's p is Wald's, of z: d log p is at most (1 + |z|) dz.
      const z = Math.abs(beta / se)
      const [logP, theirLogP] = [log(2) + normalLogTail(z), log(Number(cell('P')))]
      const distances = {
        'log OR': Math.abs(beta - theirBeta) / (tolerance.firth * Math.max(Math.abs(beta), se)),
        or_se: relative(se, theirSe, tolerance.firth),
        'Wald p': Math.abs(logP - theirLogP) / (2 * tolerance.firth * (1 + z) * Math.max(1, z)),
      }
      if (Object.values(distances).every((distance) => distance <= 1)) {
        judge('log OR', row, beta, theirBeta, distances['log OR'])
        judge('or_se', row, se, theirSe, distances.or_se)
        judge('Wald p', row, logP, theirLogP, distances['Wald p'])
        continue
      }
    }
    // PLINK gave up, or says that it arrived and stands elsewhere: the plain fit decides.
    const right = referee(id)
    const what = fitted ? 'where PLINK differs' : 'where PLINK gave up'
    if (right === null) {
      judge(`log OR ${what}`, row, beta, 'nor does the plain fit settle', Number.POSITIVE_INFINITY)
      continue
    }
    judge(`log OR ${what}`, row, beta, right.beta, Math.abs(beta - right.beta) / (tolerance.referee * se))
    judge(`or_se ${what}`, row, se, right.standardError, relative(se, right.standardError, tolerance.referee))
  }
  return found
}

/** Fits one variant of PLINK's files plainly. */
function firthReferee(
  { folder, people, covariates }: Comparison,
  onX: ReadonlySet<string>,
): (id: string) => RefereeFit | null {
  const byId = new Map(people.map((person) => [person.id, person]))
  const order = readFileSync(join(folder, 'x.fam'), 'utf8')
    .trim()
    .split('\n')
    .map((line) => byId.get(line.split(/\s+/)[1]) as Person)
  const standardised = (values: number[]): number[] => {
    const mean = values.reduce((sum, v) => sum + v, 0) / values.length
    const sd = Math.sqrt(values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / values.length)
    return values.map((v) => (v - mean) / sd)
  }
  const column = (name: string) => standardised(order.map((p) => p.covariates[name]))
  const columns = covariates.map(column)
  const withSex = covariates.includes('sex')
    ? columns
    : [...columns, standardised(order.map((p) => (p.sex === 'male' ? 1 : 2)))]
  const bytes = readFileSync(join(folder, 'x.bed'))
  const perVariant = Math.ceil(order.length / 4)
  const variant = new Map([...bimLines(join(folder, 'x.bim'))].map(([, id], v) => [id, v]))
  return (id) => {
    const from = 3 + (variant.get(id) as number) * perVariant
    const used = onX.has(id) ? withSex : columns
    const rows: number[][] = []
    const cases: number[] = []
    order.forEach((person, i) => {
      const code = (bytes[from + (i >> 2)] >> (2 * (i & 3))) & 3
      if (code === 1) return
      rows.push([1, ...used.map((values) => values[i]), [2, 0, 1, 0][code]])
      cases.push(person.case === true ? 1 : 0)
    })
    return refereeFirth(rows, cases)
  }
}

/** Asserts that every row was compared and none differs. */
export function expectAgreement(found: Findings, variants: number): void {
  expect(found.disagreements).toEqual([])
  expect(found.disagreeing).toEqual({})
  expect(found.rows).toBe(variants)
  expect(found.variants).toBe(variants)
  for (const what of ['case counts', 'control counts', 'fisher_p', 'maf', 'call_rate', 'hwe_p'])
    expect(found.compared[what], what).toBe(variants)
  for (const what of ['Fisher ALLELIC', 'Fisher DOM', 'Fisher REC']) expect(found.compared[what], what).toBe(variants)
  // PLINK's own single precision takes 1 to 2 fits of 100 further than 3e-3 from the maximum: more would be a fault.
  expect(found.compared['log OR'] / found.fits['fitted, fitted']).toBeGreaterThan(0.97)
}
